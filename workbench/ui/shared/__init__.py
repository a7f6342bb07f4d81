"""Parts that several pages draw: links, wording, charts, walking through images, progress of runs, the image inspector."""
