-- The portal's role and database. Run once:  runuser -u postgres -- psql -f - < postgresql.sql
-- The system user portal signs in over the local socket without a password (peer), which is
-- Debian's default. The portal owns its database and nothing else.
CREATE ROLE portal LOGIN;
CREATE DATABASE portal OWNER portal ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE portal FROM PUBLIC;

-- An acknowledged rating is on the disk. These are PostgreSQL's defaults, written down so that
-- nobody turns them off for speed; portal doctor looks after them.
ALTER DATABASE portal SET synchronous_commit = on;
ALTER DATABASE portal SET timezone = 'UTC';

-- Solid state disks: a page read by index costs little more than the next one. Pages are many and
-- short: none is worth several processes or a compiler.
ALTER DATABASE portal SET random_page_cost = 1.1;
ALTER DATABASE portal SET max_parallel_workers_per_gather = 0;
ALTER DATABASE portal SET jit = off;
