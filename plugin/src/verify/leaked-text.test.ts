import { describe, expect, it } from "vitest";
import { leakIn } from "./leaked-text.js";

describe("leakIn", () => {
  it.each([
    ["Error: no\n    at find (/srv/app/store.js:12:3)", "a stack trace"],
    ["failed at shop.Store.find(Store.java:12)", "a stack trace"],
    ["Traceback (most recent call last):", "a stack trace"],
    ["goroutine 7 [running]:", "a stack trace"],
    ["store.go:12: no such row", "a place in source code"],
    ['File "store.py", line 3', "a place in source code"],
    ["can't open /var/lib/stock/items.db", "a path of the server's"],
    ["C:\\stock\\items.db is locked", "a path of the server's"],
    ["select id from items where id = $1", "a query or a database's words"],
    ['duplicate key value violates unique constraint "items_pkey"', "a query or a database's words"],
    ['relation "items" does not exist', "a query or a database's words"],
    ["java.lang.IllegalStateException: no", "an exception's class"],
    ["Exception calling application: 'items'", "an exception's class"],
    ["KeyError: 'items'", "an exception's class"],
    ["Cannot read properties of undefined (reading 'id')", "a crash's words"],
    ["panic: assignment to entry in nil map", "a crash's words"],
    ["connect ECONNREFUSED 10.0.0.7:5432", "an address behind the server"],
    ["postgres://stock:secret@db/stock", "an address behind the server"],
  ])("sees what %j shows", (text, what) => {
    expect(leakIn(text)).toBe(what);
  });

  it.each([
    "There is no account alice",
    "Balance 3 is below 5 (EUR, minor units)",
    "Request id 7f6c/9 was used before, for a different transfer",
    "The deadline is over at 12:03:44",
    "Select another currency, or ask whoever opened the account",
    "Received message larger than max (65537 vs. 65536)",
    "grpc: received message larger than max (65537 vs. 65536)",
    "The value of limit must be between 1 and 50",
    "See https://example.com/errors/stock-busy",
    "unknown service stock.v1.StockService",
    "method not found: /stock.v1.StockService/Count",
    "google.rpc.ErrorInfo is expected",
    "Update your card, and try again",
    "",
  ])("sees nothing in %j", (text) => {
    expect(leakIn(text)).toBeUndefined();
  });
});
