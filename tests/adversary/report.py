"""Many models before the judges, and the table of what they said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.adversary.generate import random_spec, yaml_of
from tests.adversary.judges import JUDGES
from tests.adversary.trial import Trial, Verdict, tried


@dataclass
class Report:
    """Counts of models and verdicts, and every disagreement."""

    models: Counter = field(default_factory=Counter)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    failures: list[tuple[int, Verdict]] = field(default_factory=list)

    def add(self, trial: Trial):
        """Count a trial."""
        self.models["refused" if trial.refused else "judged"] += 1
        if trial.loop:
            self.models[f"loop {trial.loop}".replace("_", " ")] += 1
        for verdict in trial.verdicts:
            self.verdicts.setdefault(verdict.judge, []).append(verdict)
        self.failures += [(trial.seed, verdict) for verdict in trial.failures]

    def table(self):
        """Models, and for each judge how often it spoke and the worst it saw."""
        lines = [", ".join(f"{count} {what}" for what, count in sorted(self.models.items())), ""]
        lines.append(f"{'judge':14} {'states':>7} {'no say':>7} {'worst':>9}  of what")
        for name in JUDGES:
            said = self.verdicts.get(name, [])
            spoke = [verdict for verdict in said if not verdict.passed_over]
            worst = max(spoke, key=lambda verdict: verdict.worst, default=Verdict(name, ""))
            silent = len(said) - len(spoke)
            lines.append(f"{name:14} {len(spoke):7} {silent:7} {worst.worst:9.1e}  {worst.quantity}")
        lines.append(f"\n{len(self.failures)} disagreements")
        return "\n".join(lines)

    def explained(self, most=20):
        """The disagreements, each with the configuration that shows it, which ``bdg run`` takes."""
        parts = []
        for seed, verdict in self.failures[:most]:
            what = verdict.error or f"{verdict.quantity} differs by {verdict.worst:.2e}"
            parts.append(f"# seed {seed}, {verdict.state} fields, judge {verdict.judge!r}: {what}")
        seeds = dict.fromkeys(seed for seed, _ in self.failures[:most])
        parts += [f"\n# seed {seed}\n{yaml_of(random_spec(seed))}" for seed in seeds]
        return "\n".join(parts)


def judged(seeds, names=tuple(JUDGES), progress=lambda report: None, *, thorough=True):
    """All models of the seeds before the judges; see :func:`.trial.tried`."""
    report = Report()
    for seed in seeds:
        report.add(tried(seed, names, thorough))
        progress(report)
    return report
