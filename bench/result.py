"""One measured figure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`ours` and `peer` in the same `unit`; `peer` is None where nothing comparable can be had."""

    name: str
    unit: str
    ours: float
    peer_name: str = ""
    peer: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's: above one, we are ahead (every unit here is "more is better")."""
        return self.ours / self.peer if self.peer else None

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": round(self.ours, 2),
            "peer_name": self.peer_name,
            "peer": None if self.peer is None else round(self.peer, 2),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
        }
