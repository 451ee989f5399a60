// How report.html looks: one column on a telephone, two diagrams side by side on a screen, light or dark as the reader has
// it.

export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f6f4; --ink: #1a1a1a; --dim: #6b6b6b; --line: #e2e2de;
  --mark: #fff1b8; --right: #2f7a1f }
@media (prefers-color-scheme: dark) {
  :root { --ground: #161618; --raised: #1f1f22; --ink: #ececec; --dim: #9a9a9a; --line: #333338; --mark: #5a4a10;
    --right: #8fd67a }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 24px 20px 64px; max-width: 1240px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 26px; font-weight: 650 }
h2 { margin: 40px 0 12px; font-size: 18px; font-weight: 650 }
h3 { margin: 16px 0 6px; font-size: 15px; font-weight: 600 }
p { margin: 4px 0 }
.dim, small { color: var(--dim); font-weight: 400 }
.headline { display: flex; flex-wrap: wrap; gap: 10px; margin: 16px 0 0 }
.headline div { padding: 8px 14px; background: var(--raised); border: 1px solid var(--line); border-radius: 8px }
.headline dt { color: var(--dim); font-size: 12px }
.headline dd { margin: 0; font-size: 19px; font-variant-numeric: tabular-nums }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 14px }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); gap: 14px }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 8px 32px }
figure, article { position: relative; margin: 0; padding: 12px; background: var(--raised); border: 1px solid var(--line);
  border-radius: 8px; overflow-x: auto }
svg.chart { display: block; width: 100%; height: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; max-width: 100% }
article table { width: 100%; margin-top: 8px }
td, th { padding: 3px 16px 3px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
th { color: var(--dim); font-weight: 500 }
td.number, th.number { text-align: right; white-space: nowrap }
td:last-child, th:last-child { padding-right: 0 }
td span { margin-right: 10px; white-space: nowrap }
tfoot td { border-bottom: 0; font-weight: 600 }
mark { padding: 0 3px; border-radius: 3px; background: var(--mark); color: inherit }
.right { color: var(--right); font-weight: 600 }
pre { margin: 0 0 8px; padding: 12px; background: var(--raised); border: 1px solid var(--line); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace }
.values { position: absolute; display: none; padding: 6px 10px; background: var(--ground); border: 1px solid var(--line);
  border-radius: 6px; font-size: 12px; pointer-events: none; white-space: nowrap; font-variant-numeric: tabular-nums }
@media print { section { break-inside: avoid } body { max-width: none } }
`.trim()
