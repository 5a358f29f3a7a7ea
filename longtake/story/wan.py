"""``wan-2.2-fast``: the pair of models that longtake is made for.

Every figure here is a fact about the service, not a preference.
"""

from __future__ import annotations

from longtake.story.family import Contract, Family, Lengths, VideoModel, declare

WAN_FAST = declare(
    Family(
        name="wan-2.2-fast",
        # Prices and times are the averages that the vendor shows.
        text_to_video=VideoModel(
            "wan-2.2-t2v-fast",
            usd={"480p": 0.10, "720p": 0.10},
            expected_seconds=93.0,
            most_loras=1,
        ),
        image_to_video=VideoModel(
            "wan-2.2-i2v-fast",
            usd={"480p": 0.09, "720p": 0.09},
            expected_seconds=54.0,
            most_loras=3,
        ),
        # Wan's counts are 4n+1. From 98 on pipelines silently round to 97 or 101.
        lengths=Lengths("frames", clean=(81, 85, 89, 93, 97), least=81, most=100, default=81),
        sizes={
            "480p": {"16:9": (832, 480), "9:16": (480, 832)},
            "720p": {"16:9": (1280, 720), "9:16": (720, 1280)},
        },
        default_fps=16,
        ranges={"fps": (5, 24), "sample_shift": (1, 20), "lora_scale": (0, 2)},
        fields={
            "prompt": "prompt",
            "seed": "seed",
            "length": "num_frames",
            "fps": "frames_per_second",
            "aspect_ratio": "aspect_ratio",
            "resolution": "resolution",
            "start_image": "image",
            "end_image": "last_image",
            "negative_prompt": "negative_prompt",
            "go_fast": "go_fast",
            "sample_shift": "sample_shift",
            "high_noise": "high_noise_lora",
            "high_noise_scale": "high_noise_lora_scale",
            "low_noise": "low_noise_lora",
            "low_noise_scale": "low_noise_lora_scale",
        },
        # Inferred or seen by others, never promised: `longtake doctor --contract` has the facts.
        contract=Contract(
            codec="h264",
            pixel_format="yuv420p",
            colour_tags=(),
            begins_on_start_image=True,
            ends_on_end_image=True,
            same_seed_same_clip=True,
            price_share=0.25,
            slowness=3.0,
        ),
    )
)
