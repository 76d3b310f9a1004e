//! The look of pages and pictures: light and dark, on a screen and on paper.

/// What pictures need. Names begin with `sy-`, since a picture may stand in a page of others.
pub(crate) const PICTURE: &str = "\
.sy{--sy-paper:#ffffff;--sy-ink:#1f2933;--sy-soft:#52606d;--sy-grid:#d5dae1;--sy-new:#2f6fde;--sy-on-new:#ffffff;\
--sy-old:#c3cad4;--sy-none:#eef1f5;--sy-good:#137a3f;--sy-bad:#c42b2b;--sy-mixed:#9a6700;--sy-limit:#b45309}\
.sy text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--sy-ink)}\
.sy .sy-paper{fill:var(--sy-paper)}.sy .sy-soft{fill:var(--sy-soft)}.sy .sy-strong{font-weight:600}\
.sy .sy-grid{stroke:var(--sy-grid);stroke-width:1;fill:none}\
.sy .sy-new{fill:var(--sy-new);shape-rendering:crispEdges}\
.sy .sy-on-new{fill:var(--sy-on-new)}.sy .sy-old{fill:var(--sy-old)}.sy .sy-none{fill:var(--sy-none)}\
.sy .sy-value{stroke:var(--sy-new);stroke-width:1.5;fill:none}.sy .sy-want{stroke:var(--sy-soft);stroke-width:1;\
stroke-dasharray:3 3;fill:none}.sy .sy-limit{stroke:var(--sy-limit);stroke-width:1;stroke-dasharray:5 3;fill:none}\
.sy .sy-limit-text{fill:var(--sy-limit)}.sy .sy-event{stroke:var(--sy-soft);stroke-width:1.5}\
.sy .sy-good{fill:var(--sy-good)}.sy .sy-bad{fill:var(--sy-bad)}.sy .sy-mixed{fill:var(--sy-mixed)}\
.sy .sy-good-line{stroke:var(--sy-good);stroke-width:2;fill:none}.sy .sy-bad-line{stroke:var(--sy-bad);stroke-width:2;\
fill:none}.sy .sy-mixed-line{stroke:var(--sy-mixed);stroke-width:2;fill:none}\
@media (prefers-color-scheme:dark){.sy{--sy-paper:#0d1117;--sy-ink:#e6edf3;--sy-soft:#9da7b3;--sy-grid:#30363d;\
--sy-new:#58a6ff;--sy-on-new:#06101f;--sy-old:#444c56;--sy-none:#161b22;--sy-good:#3fb950;--sy-bad:#ff7b72;\
--sy-mixed:#d29922;--sy-limit:#f0883e}}\
@media print{.sy{--sy-paper:#ffffff;--sy-ink:#000000;--sy-soft:#333333;--sy-grid:#bbbbbb;--sy-new:#2f6fde;\
--sy-on-new:#ffffff;--sy-old:#c3cad4;--sy-none:#eef1f5;--sy-good:#137a3f;--sy-bad:#c42b2b;--sy-mixed:#9a6700;\
--sy-limit:#b45309}}";

/// What a page needs besides.
pub(crate) const PAGE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;background:#ffffff;color:#1f2933;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
main{max-width:1000px;margin:0 auto;padding:24px 20px 60px}\
h1{font-size:1.5rem;margin:0 0 .5rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.5rem 0 .5rem;\
overflow-wrap:anywhere}h3{font-size:1rem;margin:1.5rem 0 .4rem}\
p{margin:.5rem 0;overflow-wrap:anywhere}code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
font-size:.9em}svg{display:block;width:100%;height:auto;margin:1rem 0}\
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.875rem}\
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #d5dae1}\
th{font-weight:600;white-space:nowrap}td:last-child{overflow-wrap:anywhere}td.narrow{white-space:nowrap}\
.good{color:#137a3f}.bad{color:#c42b2b}.mixed{color:#9a6700}\
.failure{border-left:4px solid #c42b2b;padding:.2rem 0 .2rem 1rem;margin:1rem 0}\
.failure pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.4rem 0;font-size:.85rem}\
footer{margin-top:3rem;font-size:.8rem;color:#52606d}\
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,td{border-color:#30363d}\
.good{color:#3fb950}.bad{color:#ff7b72}.mixed{color:#d29922}.failure{border-color:#ff7b72}footer{color:#9da7b3}}\
@media print{body{background:#ffffff;color:#000000;font-size:11pt}main{max-width:none;padding:0}\
section{break-inside:auto}svg,tr,.failure{break-inside:avoid}td{overflow-wrap:anywhere}h2,h3{break-after:avoid}\
th,td{border-color:#bbbbbb}.good{color:#137a3f}.bad{color:#c42b2b}.mixed{color:#9a6700}}";
