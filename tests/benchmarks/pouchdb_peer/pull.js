// Replicates the database of `serve.js` into an empty one and says the seconds and how many documents it took.
"use strict";
const PouchDB = require("pouchdb");

async function main([folder, url, batchSize]) {
  const target = new PouchDB(`${folder}/records`);
  const started = process.hrtime.bigint();
  const result = await PouchDB.replicate(url, target, { batch_size: Number(batchSize), batches_limit: 10 });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const used = process.cpuUsage();
  console.log(JSON.stringify({ seconds, documents: result.docs_written, cpu_seconds: (used.user + used.system) / 1e6 }));
}

main(process.argv.slice(2));
