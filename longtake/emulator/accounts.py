"""What the service knows of each key: its balance, its places for jobs, its calls this minute."""

from __future__ import annotations

from dataclasses import dataclass

from longtake.emulator.config import EmulatorConfig

MINUTE_SECONDS = 60.0


@dataclass
class Account:
    """One key's account. Instants are epoch seconds, sums USD."""

    number: int
    credits_usd: float
    free_usd: float
    slots_free_at: list[float]
    """For each job that may run at the same time: when the one before it is done."""
    minute_began_at: float = float("-inf")
    minute_count: int = 0

    def call_at(self, now: float, limit: int) -> float | None:
        """Count one call; where it is one too many: the instant at which the minute is over."""
        if now - self.minute_began_at >= MINUTE_SECONDS:
            self.minute_began_at, self.minute_count = now, 0
        self.minute_count += 1
        return self.minute_began_at + MINUTE_SECONDS if self.minute_count > limit else None

    def pay(self, usd: float) -> float:
        """Take ``usd``, from what is free first; returns what remains in all."""
        from_free = min(self.free_usd, usd)
        self.free_usd = round(self.free_usd - from_free, 6)
        self.credits_usd = round(self.credits_usd - usd + from_free, 6)
        return round(self.credits_usd + self.free_usd, 6)


class Accounts:
    """The accounts of all keys; one is opened at a key's first call. Not thread-safe."""

    def __init__(self, config: EmulatorConfig) -> None:
        self._config = config
        self._by_key: dict[str, Account] = {}

    def of(self, key: str) -> Account | None:
        """The account of a key; None where the key is empty or not known."""
        config = self._config
        if not key or (config.keys is not None and key not in config.keys):
            return None
        if key not in self._by_key:
            slots = [0.0] * config.concurrency
            number = len(self._by_key) + 1
            self._by_key[key] = Account(number, config.credits_usd, config.free_credits_usd, slots)
        return self._by_key[key]

    def numbered(self, number: int) -> Account:
        """The account of that number, 1 for the first that was opened."""
        return next(one for one in self._by_key.values() if one.number == number)
