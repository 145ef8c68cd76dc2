// Print what two marts say, read in one connection, again and again.
import { DuckDBInstance } from "@duckdb/node-api";

for (;;) {
  const instance = await DuckDBInstance.create(process.argv[2], {
    access_mode: "READ_ONLY",
  });
  const connection = await instance.connect();
  const versions = [];
  for (const mart of ["fct_orders", "rpt_days"]) {
    const reader = await connection.runAndReadAll(
      `select min(version) from marts.${mart}`,
    );
    versions.push(reader.getRows()[0][0]);
  }
  connection.closeSync();
  instance.closeSync();
  console.log(versions.join(" "));
}
