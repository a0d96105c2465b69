"""Random small models, and judges that look at each from as many independent sides as there are.

:mod:`.generate` makes a model from a seed, as the nested dictionary that a user's YAML file holds; it goes
through the same gate. :mod:`.judges` lists what is compared; :mod:`.trial` runs a model through them;
:mod:`.report` counts. ``scripts/adversary`` is the command.
"""
