// Serves the first COUNT documents of a file of JSON lines as a CouchDB database "records", on a free port that it says.
"use strict";
const fs = require("fs");
const readline = require("readline");
const express = require("express");
const PouchDB = require("pouchdb");

async function main([folder, file, count]) {
  const Local = PouchDB.defaults({ prefix: `${folder}/` });
  const database = new Local("records");
  const lines = readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity });
  let batch = [];
  let made = 0;
  for await (const line of lines) {
    if (made + batch.length === Number(count)) break;
    const document = JSON.parse(line);
    batch.push({ _id: document.id, document });
    if (batch.length === 2000) made += (await database.bulkDocs(batch)).length, (batch = []);
  }
  await database.bulkDocs(batch);
  const app = express();
  app.use("/", require("express-pouchdb")(Local, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: `${folder}/log` }));
  const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

main(process.argv.slice(2));
