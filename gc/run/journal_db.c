/* journal_db.c - the database under the journal: opening, checking, statements. */
#include "gc/run/journal_db.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_APPLICATION_ID 0x64727964 /* "dryd" */
#define JOURNAL_SCHEMA 2                  /* user_version */
#define JOURNAL_MAX ((size_t)1 << 30)     /* bytes that are read into memory */
#define JOURNAL_BUSY_MS 5000              /* a shared journal: how long another may write */

/* A run is looked up by its root; its number is the name of its directory in the trash. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE run("
    " id INTEGER PRIMARY KEY, state TEXT NOT NULL, command TEXT NOT NULL, scope TEXT NOT NULL,"
    " digest TEXT NOT NULL, root_path TEXT NOT NULL, device INTEGER NOT NULL,"
    " inode INTEGER NOT NULL, started INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0,"
    " reclaimed_bytes INTEGER NOT NULL, steps INTEGER NOT NULL,"
    " problems INTEGER NOT NULL DEFAULT 0, freed_apparent INTEGER NOT NULL DEFAULT 0,"
    " freed_allocated INTEGER NOT NULL DEFAULT 0, freed_inodes INTEGER NOT NULL DEFAULT 0,"
    " note TEXT);"
    "CREATE TABLE step("
    " run INTEGER NOT NULL REFERENCES run(id), seq INTEGER NOT NULL, kind TEXT NOT NULL,"
    " reason INTEGER NOT NULL, object TEXT NOT NULL, path TEXT NOT NULL, detail TEXT NOT NULL,"
    " place TEXT NOT NULL, size_bytes INTEGER NOT NULL, apparent INTEGER NOT NULL,"
    " allocated INTEGER NOT NULL, inodes INTEGER NOT NULL, state TEXT NOT NULL,"
    " freed_apparent INTEGER NOT NULL DEFAULT 0, freed_allocated INTEGER NOT NULL DEFAULT 0,"
    " freed_inodes INTEGER NOT NULL DEFAULT 0, error TEXT,"
    " PRIMARY KEY(run, seq)) WITHOUT ROWID;"
    "PRAGMA application_id=0x64727964;"
    "PRAGMA user_version=1;"
    "COMMIT";

/* What makes a journal of schema N one of schema N + 1. */
static const char *const upgrades[JOURNAL_SCHEMA] = {
	[1] = "BEGIN IMMEDIATE;"
	      "ALTER TABLE run ADD COLUMN work TEXT NOT NULL DEFAULT 'prune';"
	      "ALTER TABLE run ADD COLUMN archive TEXT;"
	      "CREATE TABLE dir("
	      " run INTEGER NOT NULL REFERENCES run(id), path TEXT NOT NULL,"
	      " seconds INTEGER NOT NULL, nanoseconds INTEGER NOT NULL,"
	      " PRIMARY KEY(run, path)) WITHOUT ROWID;"
	      "PRAGMA user_version=2;"
	      "COMMIT",
};

#define RUN_COLUMNS                                                                                \
	"id,state,command,scope,digest,root_path,device,inode,started,finished,reclaimed_bytes,"   \
	"steps,problems,freed_apparent,freed_allocated,freed_inodes,note,work,archive"
#define STEP_COLUMNS                                                                               \
	"seq,kind,reason,object,path,detail,place,size_bytes,apparent,allocated,inodes,state,"     \
	"freed_apparent,freed_allocated,freed_inodes,error"

static const char *const sql_texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_RUN_INSERT] =
	    "INSERT INTO run(id,state,command,scope,digest,root_path,device,inode,started,"
	    "reclaimed_bytes,steps,work,archive) "
	    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
	[SQL_RUN_UPDATE] =
	    "UPDATE run SET state=?2,finished=?3,problems=?4,freed_apparent=?5,freed_allocated=?6,"
	    "freed_inodes=?7,note=?8,archive=?9 WHERE id=?1",
	[SQL_RUN_FORGET] = "UPDATE run SET state='forgotten' WHERE id=?1",
	[SQL_RUN_MAX] = "SELECT coalesce(max(id),0) FROM run",
	[SQL_RUN_LIST] = "SELECT " RUN_COLUMNS " FROM run ORDER BY id",
	[SQL_RUN_LOAD] = "SELECT " RUN_COLUMNS " FROM run WHERE id=?1",
	[SQL_RUN_UNFINISHED] =
	    "SELECT " RUN_COLUMNS
	    " FROM run WHERE state IN ('planned','detached','returning') ORDER BY id DESC",
	[SQL_STEP_INSERT] =
	    "INSERT INTO step(run,seq,kind,reason,object,path,detail,place,size_bytes,apparent,"
	    "allocated,inodes,state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
	[SQL_STEP_UPDATE] = "UPDATE step SET state=?3,freed_apparent=?4,freed_allocated=?5,"
			    "freed_inodes=?6,error=?7 WHERE run=?1 AND seq=?2",
	[SQL_DIR_INSERT] = "INSERT INTO dir(run,path,seconds,nanoseconds) VALUES(?1,?2,?3,?4)",
	[SQL_DIR_LIST] = "SELECT path,seconds,nanoseconds FROM dir WHERE run=?1 ORDER BY path",
	[SQL_STEP_LIST] = "SELECT " STEP_COLUMNS " FROM step WHERE run=?1 ORDER BY seq",
};

/* Puts the last failure of the database into words. */
static int journal_db_error(const struct journal *journal, struct err *err)
{
	int code = journal->db ? sqlite3_extended_errcode(journal->db) : SQLITE_NOMEM;

	switch (code & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return err_set(err, ERR_CORRUPT, "%s: %s" ADVICE, journal->path,
		               sqlite3_errmsg(journal->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, "%s: another process writes to it", journal->path);
	case SQLITE_FULL:
		errno = ENOSPC;
		return err_errno(err, "%s: write", journal->path);
	case SQLITE_READONLY:
		errno = EROFS;
		return err_errno(err, "%s: write", journal->path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		errno = sqlite3_system_errno(journal->db);
		if (errno == 0)
			errno = EIO;
		return err_errno(err, "%s: %s", journal->path, sqlite3_errmsg(journal->db));
	default:
		return err_set(err, ERR_SYSTEM, "%s: %s", journal->path,
		               journal->db ? sqlite3_errmsg(journal->db) : "out of memory");
	}
}

/* Reads a PRAGMA or other query that gives one number. */
static int journal_db_number(const struct journal *journal, const char *sql, int64_t *number,
                             struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(journal->db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
		*number = sqlite3_column_int64(statement, 0);
		(void)sqlite3_finalize(statement); /* only read */
		return 0;
	}
	(void)journal_db_error(journal, err);
	(void)sqlite3_finalize(statement); /* repeats the failure that *ERR tells */
	return -1;
}

/* Says whether every page and index of the database can be followed. */
static int journal_db_check_pages(const struct journal *journal, struct err *err)
{
	int64_t damage;

	if (journal_db_number(journal,
	                      "SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check!='ok'",
	                      &damage, err) < 0)
		return -1;
	if (damage != 0)
		return err_set(err, ERR_CORRUPT, "%s: is damaged" ADVICE, journal->path);
	return 0;
}

/* Brings a journal that an older drydock has made up to date. */
static int journal_db_upgrade(const struct journal *journal, int64_t version, struct err *err)
{
	for (; version < JOURNAL_SCHEMA; version++) {
		if (sqlite3_exec(journal->db, upgrades[version], NULL, NULL, NULL) != SQLITE_OK)
			return journal_db_error(journal, err);
	}
	return 0;
}

/* Checks that the database is a journal that this program understands; makes an empty one so. */
static int journal_db_check(const struct journal *journal, struct err *err)
{
	int64_t application;
	int64_t version;
	int64_t tables;

	if (journal_db_number(journal, "PRAGMA application_id", &application, err) < 0 ||
	    journal_db_number(journal, "PRAGMA user_version", &version, err) < 0 ||
	    journal_db_number(journal, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (application == 0 && version == 0 && tables == 0 && !journal->is_copy) {
		if (sqlite3_exec(journal->db, schema, NULL, NULL, NULL) != SQLITE_OK)
			return journal_db_error(journal, err);
		return journal_db_upgrade(journal, 1, err);
	}
	if (application != JOURNAL_APPLICATION_ID || version < 1)
		return err_set(err, ERR_CORRUPT, "%s: is no journal" ADVICE, journal->path);
	if (version > JOURNAL_SCHEMA)
		return err_set(err, ERR_STATE,
		               "%s: was made by a newer drydock (schema %lld, this one knows %d): "
		               "use that, or another --state-dir",
		               journal->path, (long long)version, JOURNAL_SCHEMA);
	if (journal_db_check_pages(journal, err) < 0)
		return -1;
	return journal_db_upgrade(journal, version, err);
}

static int journal_db_prepare(struct journal *journal, struct err *err)
{
	for (int i = 0; i < SQL_COUNT; i++) {
		if (sqlite3_prepare_v3(journal->db, sql_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &journal->statements[i], NULL) != SQLITE_OK)
			return journal_db_error(journal, err);
	}
	return 0;
}

/* The last write is complete when no rollback journal is left beside the file; as SQLite has it,
 * one without bytes, or whose first one is zero, has not begun. */
static int journal_db_check_settled(const struct journal *journal, int dirfd, struct err *err)
{
	struct err local = ERR_INIT;
	AUTO(close) int fd = file_open(dirfd, JOURNAL_FILE "-journal", 0, &local);
	char first = '\0';

	if (fd < 0 && !err_has_code(&local, ENOENT))
		return err_set(err, local.kind, "%s: %s", journal->path, local.text);
	if (fd >= 0 && pread(fd, &first, 1, 0) < 0)
		return err_errno(err, "%s-journal: read", journal->path);
	if (first == '\0')
		return 0;
	return err_set(err, ERR_STATE,
	               "%s: is being written, or its last write was cut off; "
	               "`drydock run resume` puts it right",
	               journal->path);
}

/* Makes LEN BYTES a database in memory. */
static int journal_db_load(struct journal *journal, const char *bytes, size_t len, struct err *err)
{
	unsigned char *copy = sqlite3_malloc64(len);

	if (!copy)
		return journal_db_error(journal, err);
	(void)memcpy(copy, bytes, len);
	if (sqlite3_open_v2(":memory:", &journal->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK) {
		sqlite3_free(copy);
		return journal_db_error(journal, err);
	}
	journal->is_copy = true;
	/* it frees the copy, also when it fails */
	if (sqlite3_deserialize(journal->db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len,
	                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) !=
	    SQLITE_OK)
		return journal_db_error(journal, err);
	return 0;
}

/* Reads the file into memory, so that nothing on disk changes, no lock and no atime. */
static int journal_db_open_copy(struct journal *journal, int dirfd, struct err *err)
{
	AUTO(str) char *bytes = NULL;
	size_t len = 0;

	if (file_read(dirfd, JOURNAL_FILE, JOURNAL_MAX, &bytes, &len, err) < 0) {
		if (err_has_code(err, ENOENT)) {
			err_clear(err);
			return 0;
		}
		return err_wrap(err, "%s", journal->path);
	}
	if (journal_db_check_settled(journal, dirfd, err) < 0)
		return -1;
	if (len == 0) /* made, and killed before anything was written */
		return 0;
	return journal_db_load(journal, bytes, len, err);
}

/* Opens the file itself; it is made here, because SQLite would give it another mode. */
static int journal_db_open_file(struct journal *journal, int dirfd, struct err *err)
{
	static const char pragmas[] = "PRAGMA journal_mode=DELETE;"
				      "PRAGMA synchronous=EXTRA;"
				      "PRAGMA temp_store=MEMORY;";
	AUTO(close)
	int fd = openat(dirfd, JOURNAL_FILE,
	                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat st;

	if (fd < 0)
		return err_errno(err, "%s: open", journal->path);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", journal->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CORRUPT, "%s: is not a regular file", journal->path);
	if (sqlite3_open_v2(journal->path, &journal->db,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
	                    NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(journal->db, JOURNAL_BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(journal->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return journal_db_error(journal, err);
	return 0;
}

/*
 * Opens the directory of the journal and names the journal. *DIRFD gets a descriptor that the
 * caller closes, or stays as it is when there is no such directory and ACCESS is JOURNAL_READ.
 */
static int journal_db_open_dir(struct journal *journal, const char *state_dir,
                               enum journal_access access, int *dirfd, struct err *err)
{
	int root_fd = state_dir ? AT_FDCWD : journal->root->fd;
	const char *dir = state_dir ? state_dir : ".drydock";
	AUTO(str)
	char *given = state_dir ? mem_text(dir) : mem_print("%s/%s", journal->root->path, dir);
	AUTO(str) char *real = NULL;
	AUTO(close) int fd = -1;

	journal->path = mem_print("%s/" JOURNAL_FILE, given);
	if (access == JOURNAL_WRITE && mkdirat(root_fd, dir, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s: make directory", given);
	fd =
	    openat(root_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (state_dir ? 0 : O_NOFOLLOW));
	if (fd < 0 && errno == ENOENT && access == JOURNAL_READ)
		return 0;
	if (fd < 0)
		return err_errno(err, "%s: open", given);
	real = realpath(given, NULL); /* SQLite takes a path, and no symbolic link in it */
	if (!real)
		return err_errno(err, "%s: resolve", given);
	free(journal->path);
	journal->path = mem_print("%s/" JOURNAL_FILE, real);
	*dirfd = TAKE(fd, -1);
	return 0;
}

int journal_db_open(struct journal **journal, const struct root *root, const char *state_dir,
                    enum journal_access access, struct err *err)
{
	AUTO(journal) struct journal *opened = mem_zalloc(1, sizeof(*opened));
	AUTO(close) int dirfd = -1;
	int result;

	opened->root = root;
	opened->is_resident = !state_dir;
	if (journal_db_open_dir(opened, state_dir, access, &dirfd, err) < 0)
		return -1;
	if (dirfd >= 0) {
		result = access == JOURNAL_WRITE ? journal_db_open_file(opened, dirfd, err)
		                                 : journal_db_open_copy(opened, dirfd, err);
		if (result < 0)
			return -1;
	}
	if (opened->db &&
	    (journal_db_check(opened, err) < 0 || journal_db_prepare(opened, err) < 0))
		return -1;
	*journal = TAKE(opened, NULL);
	return 0;
}

void journal_db_close(struct journal *journal)
{
	if (!journal)
		return;
	for (int i = 0; i < SQL_COUNT; i++)
		(void)sqlite3_finalize(journal->statements[i]); /* repeats an old failure */
	(void)sqlite3_close(journal->db); /* every transaction has been ended by hand */
	free(journal->path);
	free(journal);
}

sqlite3_stmt *journal_db_statement(struct journal *journal, enum journal_sql sql)
{
	sqlite3_stmt *statement = journal->statements[sql];

	(void)sqlite3_reset(statement);          /* repeats an old failure */
	(void)sqlite3_clear_bindings(statement); /* cannot fail */
	return statement;
}

int journal_db_step(struct journal *journal, sqlite3_stmt *statement, bool *has_row,
                    struct err *err)
{
	int code = sqlite3_step(statement);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return journal_db_error(journal, err);
	*has_row = code == SQLITE_ROW;
	return 0;
}

int journal_db_execute(struct journal *journal, enum journal_sql sql, struct err *err)
{
	bool has_row;

	if (journal_db_step(journal, journal->statements[sql], &has_row, err) < 0)
		return -1;
	(void)sqlite3_reset(journal->statements[sql]); /* it has succeeded */
	return 0;
}

int journal_db_end(struct journal *journal, int result, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (result == 0) {
		(void)journal_db_statement(journal, SQL_COMMIT);
		result = journal_db_execute(journal, SQL_COMMIT, err);
	}
	if (result < 0) {
		(void)journal_db_statement(journal, SQL_ROLLBACK);
		/* a failed commit may have rolled back already; *ERR tells the first failure */
		(void)!journal_db_execute(journal, SQL_ROLLBACK, &ignored);
	}
	return result;
}
