// Loaded into protoc-gen-es with `node --require`. It names all types of a file anew for each reference to one of them, which
// takes minutes for the files with thousands of messages. With this, it names a file once; what it generates is the same.
"use strict";
const Module = require("node:module");

const SIGNATURE = "function allNames(file) {";
const compile = Module.prototype._compile;

Module.prototype._compile = function (content, filename) {
  const isNames = /[\\/]protoplugin[\\/]dist[\\/]cjs[\\/]names\.js$/.test(filename);
  return compile.call(this, isNames ? withCache(content) : content, filename);
};

function withCache(content) {
  if (!content.includes(SIGNATURE)) {
    throw new Error(`protoplugin's names.js has no "${SIGNATURE}" any more: see whether it still needs a cache`);
  }
  const cached = `const known = new WeakMap();
function allNames(file) {
  let names = known.get(file);
  if (names === undefined) {
    names = nameAll(file);
    known.set(file, names);
  }
  return names;
}
function nameAll(file) {`;
  return content.replace(SIGNATURE, cached);
}
