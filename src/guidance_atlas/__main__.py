"""`python -m guidance_atlas` is the command line."""

from guidance_atlas.cli import main

main()
