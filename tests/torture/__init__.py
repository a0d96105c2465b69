"""What a run must survive, many times over: ``scripts/torture``; tests/reliability is the short form."""
