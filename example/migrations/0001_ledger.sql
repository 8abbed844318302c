-- The books. Rules that must hold whatever the code does are constraints here.

create table accounts (
  account_id    text        primary key,
  kind          text        not null default 'customer' check (kind in ('customer', 'clearing')),
  holder_name   text        not null,
  iban          text        unique,
  currency_code text        not null,
  balance       bigint      not null default 0,
  -- Grows with each change: what a transfer's anchor is compared with.
  version       bigint      not null default 0,
  frozen        boolean     not null default false,
  create_time   timestamptz not null default now(),
  -- Money from outside is booked against a clearing account, so these go below zero. Nobody else does.
  constraint accounts_balance_covered check (balance >= 0 or kind = 'clearing')
);

create table transfers (
  transfer_id            bigint      generated always as identity primary key,
  -- This index decides which of two requests with the same id was first, wherever and whenever they arrive.
  request_id             text        not null constraint transfers_request_id_key unique,
  -- Deferred to the commit: the request id is claimed before anything about the accounts is checked.
  source_account_id      text        not null references accounts deferrable initially deferred,
  destination_account_id text        not null references accounts deferrable initially deferred,
  minor_units            bigint      not null check (minor_units > 0),
  currency_code          text        not null,
  memo                   text        not null,
  -- The answer, kept so that the same request gets the same one again.
  source_balance         bigint,
  source_version         bigint,
  book_time              timestamptz not null default now()
);

create table statement_lines (
  -- A bank's reference is booked once.
  reference     text        primary key,
  account_id    text        not null references accounts deferrable initially deferred,
  minor_units   bigint      not null check (minor_units <> 0),
  currency_code text        not null,
  import_time   timestamptz not null default now()
);

create table entries (
  entry_id                bigint      generated always as identity primary key,
  account_id              text        not null references accounts,
  counterparty_account_id text        not null references accounts,
  minor_units             bigint      not null,
  -- What was on the account afterwards.
  balance                 bigint      not null,
  -- Where the entry comes from: one of the two.
  transfer_id             bigint      references transfers,
  reference               text        references statement_lines,
  memo                    text        not null,
  book_time               timestamptz not null default now(),
  check (num_nonnulls(transfer_id, reference) = 1)
);

create index entries_of_account on entries (account_id, entry_id);
