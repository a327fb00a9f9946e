// Runs `redocly diff` on many pairs in one process, since starting it takes
// longer than comparing: node diff.mjs INDEX_JS PAIRS, where PAIRS is a JSON
// list of [old, new, report]. A pair that it cannot read gets no report.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [program, list] = process.argv.slice(2);
const pairs = JSON.parse(readFileSync(list, 'utf8'));
const exit = process.exit;
let next = 0;

// The program exits once nothing is left to do; then comes the next pair.
// It is imported under another address each time, for a module runs once.
process.exit = () => {
  if (next === pairs.length) exit(0);
  const [old, changed, report] = pairs[next];
  next += 1;
  process.argv = [process.execPath, program, 'diff', old, changed];
  process.argv.push('--format', 'json', '--fail-on', 'none', '--output', report);
  import(`${pathToFileURL(program)}?pair=${next}`);
};
process.exit();
