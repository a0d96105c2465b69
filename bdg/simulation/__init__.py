"""One simulation, from a configuration or arguments to a result: started, watched, kept, resumed, measured.

:mod:`bdg.simulation.run` is the table of contents; :mod:`bdg.simulation.files` reads and writes around it.
"""
