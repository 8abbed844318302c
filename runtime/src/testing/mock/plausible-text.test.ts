import { describe, expect, it } from "vitest";
import { plausibleText } from "./plausible-text.js";
import { randomOf } from "./random.js";

const SHAPES: Readonly<Record<string, RegExp>> = {
  email: /^[a-z]+\d+@example\.com$/,
  contact_email_address: /^[a-z]+\d+@example\.com$/,
  request_uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  iban: /^DE\d{20}$/,
  currency_code: /^[A-Z]{3}$/,
  country: /^[A-Z]{2}$/,
  locale: /^[a-z]{2}-[A-Z]{2}$/,
  holder_name: /^[A-Z]\w+ [A-Z]\w+$/,
  user_name: /^[a-z]+\d+$/,
  file_name: /^\w+\.txt$/,
  hostname: /^\w+\.example\.com$/,
  phone_number: /^\+41\d{9}$/,
  website: /^https:\/\/example\.com\/\w+$/,
  ip_address: /^192\.0\.2\.\d+$/,
  create_time: /^\d{4}-\d\d-\d\dT.*Z$/,
  birthday: /^\d{4}-\d\d-\d\d$/,
  next_page_token: /^$/,
  description: /^\w+ \w+ \w+$/,
  id: /^account-[0-9a-f]{6}$/,
  account_id: /^account-[0-9a-f]{6}$/,
  accountId: /^account-[0-9a-f]{6}$/,
  whatever: /^whatever-[0-9a-f]{6}$/,
};

describe("a text is as its field's name suggests", () => {
  it.each(Object.entries(SHAPES))("%s", (name, shape) => {
    for (let seed = 0; seed < 20; seed++) {
      expect(plausibleText(name, "account", {}, randomOf(seed))).toMatch(shape);
    }
  });
});
