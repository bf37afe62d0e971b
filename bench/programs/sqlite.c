// A database in memory with SQLite: inserts, an index, joins, groups, updates and deletes.
#include <sqlite3.h>

#include "text.h"

static int no_open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                   int* out) {
  (void)vfs, (void)name, (void)flags, (void)out;
  file->pMethods = NULL;
  return SQLITE_CANTOPEN;
}
static int no_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  (void)vfs;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}
static int fixed_randomness(sqlite3_vfs* vfs, int size, char* out) {
  (void)vfs;
  memset(out, 7, (size_t)size);
  return size;
}
static int fixed_time(sqlite3_vfs* vfs, double* out) {
  (void)vfs;
  *out = 2460000.5;
  return SQLITE_OK;
}

// SQLite without an operating system: nothing but memory can be opened.
int sqlite3_os_init(void) {
  static sqlite3_vfs vfs = {.iVersion = 1,
                            .szOsFile = sizeof(sqlite3_file),
                            .mxPathname = 64,
                            .zName = "none",
                            .xOpen = no_open,
                            .xFullPathname = no_name,
                            .xRandomness = fixed_randomness,
                            .xCurrentTime = fixed_time};
  return sqlite3_vfs_register(&vfs, 1);
}
int sqlite3_os_end(void) {
  return SQLITE_OK;
}

static sqlite3* db;
static uint64_t sum;

static void check(int status) {
  if (status == SQLITE_OK || status == SQLITE_DONE || status == SQLITE_ROW) return;
  fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  exit(1);
}

static void run(const char* sql) {
  sqlite3_stmt* statement;
  for (const char* rest = sql; *rest;) {
    check(sqlite3_prepare_v2(db, rest, -1, &statement, &rest));
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        sum = sum * 31 + (uint64_t)sqlite3_column_int64(statement, i) +
              (uint64_t)sqlite3_column_bytes(statement, i);
      }
    }
    check(status);
    check(sqlite3_finalize(statement));
  }
}

static void fill(int people, int orders) {
  sqlite3_stmt* insert;
  check(sqlite3_prepare_v2(db, "insert into people values (?, ?, ?)", -1, &insert, NULL));
  for (int i = 0; i < people; ++i) {
    sqlite3_bind_int(insert, 1, i);
    sqlite3_bind_text(insert, 2, random_word(), -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 3, (int)(random_u32() % 90));
    check(sqlite3_step(insert));
    sqlite3_reset(insert);
  }
  check(sqlite3_finalize(insert));
  check(sqlite3_prepare_v2(db, "insert into orders(person, item, price) values (?, ?, ?)", -1,
                           &insert, NULL));
  for (int i = 0; i < orders; ++i) {
    sqlite3_bind_int(insert, 1, (int)(random_u32() % (uint32_t)people));
    sqlite3_bind_text(insert, 2, random_word(), -1, SQLITE_STATIC);
    sqlite3_bind_double(insert, 3, (random_u32() % 10000) / 100.0);
    check(sqlite3_step(insert));
    sqlite3_reset(insert);
  }
  check(sqlite3_finalize(insert));
}

static uint64_t kernel(void) {
  make_words();
  sum = 0;
  check(sqlite3_open(":memory:", &db));
  run("create table people(id integer primary key, name text, age int);"
      "create table orders(id integer primary key, person int, item text, price real);"
      "begin;");
  fill(5000, 40000);
  run("commit;"
      "create index by_person on orders(person); create index by_item on orders(item, price);"
      "select age, count(*), sum(price) from people join orders on people.id = person group by age "
      "order by 3 desc;"
      "select name, max(price) from people join orders on people.id = person where item like "
      "'%mor%' group by name;"
      "select count(*) from orders where item between 'k' and 'p' and price > 50;"
      "update orders set price = price * 1.1 where person in (select id from people where age < "
      "20);"
      "delete from orders where price < 5;"
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)"
      " select sum(i * i % 7), count(distinct i % 1001) from n;"
      "select upper(item) || ':' || printf('%.2f', avg(price)) from orders group by item order by "
      "length(item), 1;");
  check(sqlite3_close(db));
  return sum;
}
