"""A model in lockstep: hypothesis draws stories, which run on the subject and on the reference.

``machine`` draws a story as a list of steps. ``world`` predicts each step from plain state,
once as the engine promises it and once with what a released engine is known to break
(``known``). ``player`` does the steps on a subject and compares. ``stage`` plays each story in a
fork of a process in which nothing has run yet, so that a story depends on nothing before it.
``run`` holds a whole run together: figures, and the shortest story for each clause that broke.
"""
