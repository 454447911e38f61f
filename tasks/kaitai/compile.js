// node compile.js DESCRIPTION.ksy FOLDER: compile a description of Kaitai Struct to Python.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const [description, folder] = process.argv.slice(2);
const installed = createRequire(path.join(folder, "package.json"));
const compiler = installed("kaitai-struct-compiler");
const yaml = installed("js-yaml");

compiler
  .compile("python", yaml.load(fs.readFileSync(description, "utf8")), null, false)
  .then((files) => {
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  })
  .catch((error) => {
    console.error(`${description}: ${error.message || error}`);
    process.exit(1);
  });
