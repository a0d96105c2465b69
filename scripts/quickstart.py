import numpy as np

import bdg

sample = bdg.build_sample("square", [24, 24], "periodic")
defects = {"impurities": [bdg.Impurity([12, 12], potential=8.0)], "disorder": bdg.Disorder(width=1.0, seed=1)}
model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05, **defects)
spectrum = {"energies": np.linspace(-3, 3, 301), "broadening": 0.05}
result = bdg.solve(model, observables={"order_parameter": {}, "spectral_gap": {}, "ldos": spectrum})
print(result)
bdg.save(result, "quickstart.h5", overwrite=True)
bdg.plot.save_figure(bdg.plot.plot(result), "quickstart.png")
