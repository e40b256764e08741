extension HTMLReport {
  /// The style of the page. Without `<` and `&`, so that the page is XML; without addresses, so that it
  /// is whole.
  static let style = """
    :root {
      color-scheme: light dark;
      --page: #ffffff; --ink: #1b1f23; --muted: #57606a; --line: #d0d7de; --panel: #f4f6f8;
      --link: #0b57a4; --good: #116329; --bad: #a40e26; --empty: #e9edf1; --inside: #ffffff;
      --c1: #0072b2; --c2: #b34a00; --c3: #00735a; --c4: #a03a78; --c5: #7a5c00; --c6: #5c6670;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14181c; --ink: #e6e9ec; --muted: #a4adb6; --line: #3a424a; --panel: #1d2329;
        --link: #7db8f0; --good: #6fd08c; --bad: #ff9492; --empty: #262d34; --inside: #0d1013;
        --c1: #56b4e9; --c2: #f0995a; --c3: #3cc79a; --c4: #e29bc5; --c5: #e0c060; --c6: #a0a8b0;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; background: var(--page);
      color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word;
    }
    h1 { font-size: 1.8rem; margin: 1.2rem 0 0.2rem; line-height: 1.2; }
    h2 {
      font-size: 1.35rem; margin: 2.4rem 0 0.6rem; padding-top: 0.6rem;
      border-top: 1px solid var(--line);
    }
    h3 { font-size: 1.1rem; margin: 1.6rem 0 0.4rem; }
    p { margin: 0.5rem 0; max-width: 46rem; }
    .lead { color: var(--muted); font-size: 1.05rem; }
    a { color: var(--link); }
    a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
      outline: 3px solid var(--link); outline-offset: 2px;
    }
    .skip { position: absolute; left: -99rem; }
    .skip:focus { left: 1rem; top: 0.5rem; background: var(--page); padding: 0.5rem 0.8rem; }
    nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; padding: 0; }
    nav a { display: inline-block; padding: 0.2rem 0; }
    code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
    code { overflow-wrap: anywhere; }
    pre {
      overflow-x: auto; background: var(--page); border: 1px solid var(--line); padding: 0.6rem;
      border-radius: 5px;
    }
    pre code { overflow-wrap: normal; }
    .cards {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.6rem;
      margin: 1rem 0;
    }
    .card { background: var(--panel); border-radius: 6px; padding: 0.6rem 0.8rem; min-width: 0; }
    .card dt { color: var(--muted); font-size: 0.85rem; }
    .card dd { margin: 0; font-weight: 600; }
    .note {
      background: var(--panel); border-left: 4px solid var(--c2); padding: 0.4rem 1rem;
      margin: 1rem 0;
    }
    .scroll { overflow-x: auto; margin: 0.8rem 0; max-width: 100%; }
    table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--muted); padding-bottom: 0.3rem; }
    th, td {
      text-align: left; vertical-align: top; padding: 0.25rem 0.9rem 0.25rem 0;
      border-bottom: 1px solid var(--line); font-weight: 400; white-space: nowrap;
    }
    td { white-space: normal; min-width: 4rem; }
    #provenance td { min-width: 12rem; }
    #kernels td:nth-child(6) { min-width: 15rem; }
    thead th { font-weight: 600; vertical-align: bottom; white-space: normal; }
    thead .number { white-space: normal; }
    tbody th { font-weight: 600; }
    .number { text-align: right; white-space: nowrap; }
    .grid {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr));
      gap: 1rem; align-items: start; margin: 0.8rem 0;
    }
    .grid div { min-width: 0; }
    figure { margin: 0; min-width: 0; max-width: 26rem; }
    figure svg, figure img { display: block; max-width: 100%; height: auto; }
    figcaption { color: var(--muted); font-size: 0.85rem; margin-top: 0.2rem; }
    img { image-rendering: pixelated; background: var(--empty); }
    .with-image { display: flex; gap: 1rem; align-items: flex-start; flex-wrap: wrap; }
    .with-image p { flex: 1 1 14rem; }
    .legend, .pictures { list-style: none; padding: 0; margin: 0.4rem 0; }
    .legend { display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; font-size: 0.85rem; }
    .swatch { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.35em; }
    .pictures {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 0.8rem;
    }
    .pictures li { display: flex; flex-direction: column; font-size: 0.85rem; min-width: 0; }
    .small { color: var(--muted); font-size: 0.8rem; }
    .badge { padding: 0.05rem 0.5rem; border-radius: 999px; border: 2px solid currentColor; }
    .good { color: var(--good); }
    .bad { color: var(--bad); }
    details { margin: 0.6rem 0; }
    summary { cursor: pointer; color: var(--link); }
    footer { color: var(--muted); border-top: 1px solid var(--line); margin-top: 2rem; }
    svg text { font-family: system-ui, sans-serif; font-size: 12px; fill: var(--ink); }
    svg .muted { fill: var(--muted); }
    svg .heading { font-weight: 600; font-size: 13px; }
    svg .inside { fill: var(--inside); font-size: 11px; }
    svg .plot { fill: var(--empty); }
    svg .rule { stroke: var(--line); stroke-width: 1; fill: none; }
    svg .bound { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 5 4; fill: none; }
    svg .box { fill: var(--panel); stroke: var(--muted); }
    svg .first { fill: var(--empty); }
    svg .wire { stroke: var(--muted); stroke-width: 1.5; fill: none; }
    svg .head { fill: var(--muted); }
    svg .buffer { stroke: var(--page); stroke-width: 0.6; }
    .fill1 { fill: var(--c1); background: var(--c1); }
    .fill2 { fill: var(--c2); background: var(--c2); }
    .fill3 { fill: var(--c3); background: var(--c3); }
    .fill4 { fill: var(--c4); background: var(--c4); }
    .fill5 { fill: var(--c5); background: var(--c5); }
    .fill6 { fill: var(--c6); background: var(--c6); }
    .line1, .level1 { stroke: var(--c1); } .line2, .level2 { stroke: var(--c2); }
    .line3, .level3 { stroke: var(--c3); } .line4, .level4 { stroke: var(--c4); }
    .line5, .level5 { stroke: var(--c5); } .line6, .level6 { stroke: var(--c6); }
    svg polyline { fill: none; }
    [class^="line"] { stroke-width: 2; }
    [class^="level"] { stroke-width: 1; stroke-dasharray: 4 4; }
    @media print { nav, .skip { display: none; } body { max-width: none; } }
    """
}
