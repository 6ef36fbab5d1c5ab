"""What mido and pretty_midi read in each file: JSON by file name."""
import json
import pathlib
import sys

import mido
import pretty_midi


def by_mido(path):
    """Events in ticks; a note-off ends the oldest note of its channel and pitch."""
    song = mido.MidiFile(path)
    told = {"ticks_per_beat": song.ticks_per_beat, "tempos": [], "meters": [], "tracks": []}
    for track in song.tracks:
        tick, name, program, notes, sounding = 0, "", None, [], {}
        for message in track:
            tick += message.time
            if message.type == "track_name":
                name = message.name
            elif message.type == "set_tempo":
                told["tempos"].append([tick, message.tempo])
            elif message.type == "time_signature":
                told["meters"].append([tick, message.numerator, message.denominator])
            elif message.type == "program_change":
                program = [message.channel, message.program]
            elif message.type == "note_on" and message.velocity > 0:
                sounding.setdefault((message.channel, message.note), []).append((tick, message.velocity))
            elif message.type in ("note_on", "note_off"):
                start, velocity = sounding[message.channel, message.note].pop(0)
                notes.append([start, message.note, tick, velocity])
        assert not any(sounding.values()), f"{path}: a note is not ended"
        told["tracks"].append({"name": name, "program": program, "end": tick, "notes": sorted(notes)})
    return told


def by_pretty_midi(path):
    song = pretty_midi.PrettyMIDI(str(path))
    times, tempos = song.get_tempo_changes()
    instruments = []
    for part in song.instruments:
        notes = sorted(
            [float(note.start), int(note.pitch), float(note.end), int(note.velocity)] for note in part.notes
        )
        instruments.append({
            "name": part.name,
            "program": int(part.program),
            "is_drum": bool(part.is_drum),
            "notes": notes,
            "ticks": sorted(
                [int(song.time_to_tick(start)), pitch, int(song.time_to_tick(end)), velocity]
                for start, pitch, end, velocity in notes
            ),
        })
    return {
        "resolution": int(song.resolution),
        "tempos": [[float(time), float(tempo)] for time, tempo in zip(times, tempos)],
        "meters": [[float(m.time), m.numerator, m.denominator] for m in song.time_signature_changes],
        "instruments": instruments,
    }


files = sorted(pathlib.Path(sys.argv[1]).glob("*.mid"))
told = {path.name: {"mido": by_mido(path), "pretty_midi": by_pretty_midi(path)} for path in files}
json.dump(told, sys.stdout)
