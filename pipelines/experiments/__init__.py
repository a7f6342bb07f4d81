"""Questions about a checkpoint that anyone can ask of any release: one module a question, over a shared way to measure and to tell.

An experiment colors the same items under several conditions and compares each with the first, item by item, with 95 % intervals over
images. `workbench experiments NAME` writes its page.
"""
