// Reads the test runner's JSON reports for .ci/run.
//   count.cjs REPORT...          prints "N passed, N failed" over all; a skipped test counts as failed, and so does a
//                                report that is missing or has no test in it
//   count.cjs --failed REPORT    prints the files in which something failed, one a line, without those that judge the
//                                whole run: alone they would judge another one
//   count.cjs --merge FIRST AGAIN  puts the files of AGAIN in the place of theirs in FIRST; writes AGAIN
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { relative } = require("node:path");

const none = { testResults: [{ name: "no report", status: "failed", assertionResults: [] }] };
const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : none);

/** A file that breaks before its first test has no failed test in it; it counts as one. */
function count({ status, assertionResults }) {
  const passed = assertionResults.filter((test) => test.status === "passed").length;
  const bad = assertionResults.length - passed;
  return { passed, failed: status === "failed" && bad === 0 ? 1 : bad };
}

function sum(results) {
  return results
    .map(count)
    .reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }), {
      passed: 0,
      failed: 0,
    });
}

/** What did not pass, a line each. */
function name({ assertionResults }) {
  const others = assertionResults.filter((test) => test.status !== "passed");
  return others.map((test) => `${test.status}: ${test.fullName}`);
}

function listFailed(path) {
  const files = read(path).testResults.filter((result) => count(result).failed > 0);
  const names = files.filter((file) => file.name !== "no report").map((file) => file.name);
  return names.filter((path) => !path.includes("/whole-run/")).map((path) => relative(".", path));
}

function merge(firstPath, againPath) {
  const again = read(againPath).testResults;
  const isAgain = (result) => again.some((other) => other.name === result.name);
  const kept = read(firstPath).testResults.filter((result) => !isAgain(result));
  writeFileSync(againPath, JSON.stringify({ testResults: [...kept, ...again] }));
}

function total(paths) {
  const reports = paths.map((path) => read(path).testResults);
  const sums = reports.map(sum);
  const passed = sums.reduce((all, one) => all + one.passed, 0);
  // A report without a test that passed is a failure of its own.
  const failed = sums.reduce((all, one) => all + Math.max(one.failed, one.passed > 0 ? 0 : 1), 0);
  say([...reports.flat().flatMap(name), `${passed} passed, ${failed} failed`]);
  return failed === 0 ? 0 : 1;
}

function say(lines) {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--failed") say(listFailed(rest[0]));
else if (first === "--merge") merge(rest[0], rest[1]);
else process.exitCode = total([first, ...rest]);
