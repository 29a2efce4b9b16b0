/** One style sheet for both reports: system fonts, both colour schemes, no fixed widths. */
export const styles = `
:root { color-scheme: light dark;
  --bg: #f6f7f9; --surface: #fff; --ink: #1b1f24; --muted: #59636e; --line: #dde1e6;
  --accent: #1f63b5; --base: #98a2ae; --third: #b4541a; --fourth: #3f7d3a;
  --good: #176f43; --bad: #b3261e; --warn: #8a5a00;
  --good-bg: #e3f4ea; --bad-bg: #fbe9e7; --warn-bg: #fcf1da; --note-bg: #eceff2; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #12151a; --surface: #1a1e24; --ink: #e4e8ec; --muted: #9aa5b1; --line: #303741;
  --accent: #6db1ff; --base: #75808d; --third: #f0a35e; --fourth: #8ecb76;
  --good: #5fd39a; --bad: #ff8a80; --warn: #e9bd5b;
  --good-bg: #143324; --bad-bg: #3d1b1a; --warn-bg: #38290c; --note-bg: #262c34; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); line-height: 1.5; font-size: 16px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { margin-bottom: 1.75rem; }
.eyebrow { color: var(--muted); font-size: .875rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; font-weight: 650; overflow-wrap: anywhere; text-wrap: pretty; }
h2 { font-size: 1.0625rem; margin: 0 0 .75rem; font-weight: 650; }
h3 { font-size: .9375rem; margin: 0 0 .25rem; font-weight: 600; overflow-wrap: anywhere; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem; margin-bottom: 1.25rem; }
p { margin: 0 0 .75rem; } section > :last-child { margin-bottom: 0; }
.lead, .hint { color: var(--muted); overflow-wrap: anywhere; } .hint { font-size: .875rem; }
a { color: var(--accent); text-underline-offset: 2px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8125rem; }
code { overflow-wrap: anywhere; }
pre { background: var(--note-bg); border-radius: 6px; padding: .75rem; overflow: auto; max-height: 22rem; margin: .5rem 0 0; }
.badge { display: inline-block; border-radius: 999px; padding: .1rem .6rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; color: var(--muted); background: var(--note-bg); }
.badge.good { color: var(--good); background: var(--good-bg); } .badge.bad { color: var(--bad); background: var(--bad-bg); }
.badge.warn { color: var(--warn); background: var(--warn-bg); }
.wrap { overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; padding: .5rem .875rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; font-size: .8125rem; color: var(--muted); } tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 500; font-size: .9375rem; color: var(--ink); min-width: 7.5rem; max-width: 18rem; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.words { min-width: 12rem; overflow-wrap: anywhere; }
.delta { display: block; font-size: .8125rem; color: var(--muted); } .delta.good { color: var(--good); } .delta.bad { color: var(--bad); }
.winner { color: var(--accent); } td.winner { font-weight: 650; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 0; }
dl.facts dt, dl.list dt { color: var(--muted); font-size: .8125rem; } dl.facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dl.list { display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); gap: .4rem 1rem; margin: 0 0 1rem; font-size: .9375rem; }
dl.list dt { padding-top: .1rem; overflow-wrap: anywhere; } dl.list dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.1rem; } li { margin-bottom: .35rem; overflow-wrap: anywhere; }
figure { margin: 0; } figure svg { display: block; max-width: 100%; height: auto; }
details { margin-top: .5rem; font-size: .875rem; } summary { cursor: pointer; color: var(--muted); padding: .25rem 0; }
.grid .wrap { margin: 0; padding: 0; } .matrix td, .matrix th { padding: .5rem; } .matrix th[scope=row] { min-width: 3rem; }
.matrix .delta { color: var(--ink); } .curves { margin-top: 1.25rem; } dl.facts + ul, .grid + ul, .grid + .hint { margin-top: .75rem; }
.narrow { display: none; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.5rem 1.25rem; }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; color: var(--muted); margin: 0 0 .75rem; padding: 0; list-style: none; }
.keys li { margin: 0; display: flex; align-items: center; gap: .4rem; }
.swatch { width: .75rem; height: .75rem; border-radius: 3px; display: inline-block; flex: none; }
.meter { display: block; position: relative; width: 7rem; height: .5rem; border-radius: 4px; background: var(--note-bg); margin-top: .5rem; }
.meter i { display: block; height: 100%; border-radius: 4px; background: var(--base); } .meter.bad i { background: var(--bad); }
.meter b { position: absolute; left: 50%; top: -.2rem; bottom: -.2rem; width: 2px; background: var(--ink); }
@media (max-width: 38rem) {
  main { padding: 1.25rem .75rem 2.5rem; } section { padding: 1rem; } .wrap { margin: 0 -1rem; padding: 0 1rem; }
  h1 { font-size: 1.25rem; } .wide { display: none; } .narrow { display: block; } .optional { display: none; }
  dl.facts { grid-template-columns: 1fr 1fr; } dl.facts dd { font-size: 1.0625rem; }
  th, td { padding-right: .625rem; } dl.list { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.list dd { margin-bottom: .6rem; } }
@media print { body { background: none; } section { break-inside: avoid; } }
`;
