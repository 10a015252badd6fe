/** The reference's only style sheet; its digest stands in the page's content security policy. */
export const DOCS_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--side:#f6f8f7;--ink:#17211c;--soft:#5b6a62;--line:#e1e8e4;--accent:#0b7a53;--code:#f3f6f4;
--get:#0b7a53;--post:#1d5fd0;--put:#a15c00;--delete:#b3261e}
@media(prefers-color-scheme:dark){:root{--bg:#0f1512;--side:#131b17;--ink:#e4ece7;--soft:#93a39a;--line:#24302a;--accent:#4cc38a;--code:#18211c;
--get:#4cc38a;--post:#7fb0ff;--put:#f0b35b;--delete:#ff8b82}}
*{box-sizing:border-box}html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem 3rem;background:var(--side);border-right:1px solid var(--line);font-size:13px}
nav b{display:block;margin:1.1rem 0 .25rem;color:var(--soft);font-size:11px;letter-spacing:.08em;text-transform:uppercase}
nav b a,nav b a:hover{display:inline;padding:0;background:none}
nav a,.index a{display:flex;gap:.5rem;padding:.16rem .4rem;border-radius:6px;color:inherit;text-decoration:none;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
nav a:hover{background:var(--line)}a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:1px}.index{display:none}nav .brand{font-weight:700;font-size:15px;padding:0 .4rem}
nav i,.index i{flex:none;width:2.6rem;font:600 10px/2.1 ui-monospace,monospace;font-style:normal}
main{padding:2.5rem clamp(1rem,4vw,4rem) 6rem;max-width:70rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.02em}h2{font-size:1.35rem;margin:3.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}h2.tag::first-letter{text-transform:uppercase}
h3{font-size:1.02rem;margin:0}p{margin:.5rem 0}a{color:var(--accent)}.soft{color:var(--soft)}
article:target,details:target,tr:target td{background:var(--side)}article:target{border-color:var(--accent)}.wide{overflow-x:auto}
article{margin:1.1rem 0;border:1px solid var(--line);border-radius:12px;overflow:hidden}
article>header{padding:.9rem 1.1rem;display:grid;gap:.15rem}.route{font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;word-break:break-all}
.m{font-weight:700;margin-right:.5rem}.GET{color:var(--get)}.POST{color:var(--post)}.PUT{color:var(--put)}.DELETE{color:var(--delete)}
details{border-top:1px solid var(--line)}details:first-child{border-top:0}summary code{color:var(--ink)}summary:has(>code:first-child){font-weight:400}summary>code:first-child{font-weight:600;margin-right:.4rem}summary{cursor:pointer;padding:.5rem 1.1rem;font-size:13px;font-weight:600;color:var(--soft)}
summary:hover{color:var(--ink)}details>div{padding:0 1.1rem 1rem}
.pill{display:inline-block;padding:0 .5rem;border:1px solid var(--line);border-radius:99px;font-size:11.5px;color:var(--soft);margin-right:.25rem}
pre{margin:.4rem 0;padding:.8rem 1rem;background:var(--code);border-radius:8px;overflow:auto;font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,monospace}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;background:var(--code);padding:.05em .3em;border-radius:4px}pre code{padding:0;background:none;font:inherit}
table{border-collapse:collapse;width:100%;font-size:13px}td,th{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;border-top:1px solid var(--line)}
tr:first-child td,tr:first-child th{border-top:0}td:first-child{white-space:nowrap;font-family:ui-monospace,monospace;font-size:12.5px}.req{color:var(--delete)}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 1.5rem}
@media(max-width:60rem){body{display:block}nav{position:static;height:auto;padding:1rem;border-right:0;border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:.3rem .4rem;align-items:center}
nav .brand{width:100%}nav b{display:contents;letter-spacing:0;text-transform:none;font-size:13px}nav>b:first-of-type,nav .to{display:none}nav>a,nav b a,nav b a:hover{padding:.3rem .7rem;border:1px solid var(--line);border-radius:99px;color:var(--ink);font-weight:400;display:inline-block}
.index{display:block;margin:.6rem 0}.index a{padding:.35rem 0}details>div{overflow-x:auto}tr{display:block;padding:.45rem 0;border-top:1px solid var(--line)}tr:first-child{border-top:0}td{display:block;padding:0;border:0;overflow-wrap:anywhere}td:first-child{white-space:normal;font-weight:600}}
@media print{nav{display:none}body{display:block}}
`;
