"""The few rules that the theme's options cannot say; grays only."""

FRAME_CSS = """
<style>
[data-testid="stSidebarHeader"] { height: 1.25rem; }
[data-testid="stSidebarNav"]::before { content: "L-CAD workbench"; display: block; padding: 0 0 0.8rem 0.5rem; font-weight: 600; }
.block-container { max-width: 1560px; padding-inline: 2rem; }
/* What is being drawn again keeps its brightness: no flicker beside pictures. */
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* Messages come up over the foot of the sidebar: there they cover no picture and no field. */
[data-testid="stToastContainer"] { inset: auto auto 12px 12px !important; max-width: 11.5rem; }
.st-key-query-completion { position: absolute; } /* Its list floats; where it stands in the page it takes no room. */
h1 { padding: 0 0 0.6rem !important; }
[data-testid="stColumn"] h1 { padding: 0 !important; }
[data-testid="stMain"] [data-testid="stElementContainer"]:has(> [data-testid="stPageLink"]) { margin: 0; }
[data-testid="stForm"] [data-testid="stButtonGroup"] button { min-height: 2.5rem; }
[data-testid="stMain"] [data-testid="stPageLink"] a {
  margin: 0; padding: 0.3rem 0.75rem; border: 1px solid #b4b4b4; border-radius: 4px; background: #f1f1f1;
}
[data-testid="stMain"] [data-testid="stPageLink"] a:hover { border-color: #1b1b1b; }
[data-testid="stMain"] [data-testid="stPageLink"] a p { font-weight: 400; } /* Else a link to this very page stands out among buttons. */
img.whole { display: block; max-width: 100%; max-height: 62vh; margin: 0 auto; border-radius: 3px; }
.chip { display: inline-block; width: 0.7em; height: 0.7em; margin-left: 0.2em; border: 1px solid #555; border-radius: 2px; }
.quiet { color: #4d4d4d; font-size: 0.87em; margin: 0; }
.saying { font-size: 1.05em; line-height: 1.5; margin: 0; }
ul.captions { list-style: none; margin: 0; padding: 0; }
ul.captions li { padding: 0.2em 0 0.2em 1.3em; text-indent: -1.3em; line-height: 1.45; }
ul.captions li > span:first-child { display: inline-block; width: 1.05em; text-indent: 0; }
</style>
"""
