"""Segmind on loopback: the whole contract, real video, scripted faults.

An independent witness: written from the service's contract and sharing no code with our client.
"""

from longtake.emulator.actions import Action, Endpoint, fault_table
from longtake.emulator.app import create_app
from longtake.emulator.clock import Clock, ManualClock, ShiftedClock, SystemClock
from longtake.emulator.config import EmulatorConfig
from longtake.emulator.drawing.dials import PRESETS, ColourDrift, Dials
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.faults import Fault, FaultScript, Match, load_faults
from longtake.emulator.makers import InstantMaker, Maker
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.server import RunningEmulator, serve_emulator
from longtake.emulator.state import Emulator

__all__ = [
    "PRESETS",
    "Action",
    "ClipNotes",
    "Clock",
    "ColourDrift",
    "Dials",
    "EmulatedRequest",
    "Emulator",
    "EmulatorConfig",
    "Endpoint",
    "Fault",
    "FaultScript",
    "InstantMaker",
    "Maker",
    "ManualClock",
    "Match",
    "RunningEmulator",
    "ShiftedClock",
    "SystemClock",
    "create_app",
    "fault_table",
    "load_faults",
    "serve_emulator",
]
