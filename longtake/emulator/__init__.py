"""Segmind on loopback: the whole contract, real video, scripted faults.

An independent witness: written from the service's contract and sharing no code with our client.
"""

from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.app import create_app
from longtake.emulator.clock import EmulatorClock, MachineClock, ManualClock, ShiftedClock
from longtake.emulator.config import EmulatorConfig
from longtake.emulator.drawing.dials import PRESETS, ColourDrift, Dials
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.faults import Fault, FaultScript, Match, load_faults
from longtake.emulator.makers import ClipProvider, InstantMaker
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.server import RunningEmulator, serve_emulator
from longtake.emulator.state import Emulator

__all__ = [
    "PRESETS",
    "Action",
    "ClipNotes",
    "ClipProvider",
    "ColourDrift",
    "Dials",
    "EmulatedRequest",
    "Emulator",
    "EmulatorClock",
    "EmulatorConfig",
    "Endpoint",
    "Fault",
    "FaultScript",
    "InstantMaker",
    "MachineClock",
    "ManualClock",
    "Match",
    "RunningEmulator",
    "ShiftedClock",
    "create_app",
    "load_faults",
    "serve_emulator",
]
