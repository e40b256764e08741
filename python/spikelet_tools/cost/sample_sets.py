"""The networks whose instructions are counted, by the piece of work that each is for."""

from __future__ import annotations

from spikelet_tools.cost.samples import Sample


def _gathers() -> list[Sample]:
    samples = []
    for weights in ("int8", "int4"):
        for membranes in ("auto", "int32"):
            for pool, pool_stride in ((0, 0), (2, 2), (3, 2)):
                for outputs, stride in ((8, 1), (16, 2), (16, 1), (32, 1), (64, 1)):
                    if pool == 3 and (outputs != 32 or membranes == "int32"):
                        continue
                    size = 10 if not pool else 20
                    samples.append(Sample(
                        f"gather-{weights}-{membranes}-{pool}-{outputs}-{stride}", size=size,
                        outputs=outputs, stride=stride, pool=pool, pool_stride=pool_stride,
                        weights=weights, membranes=membranes, prefer="gather",
                        threshold=3.0,
                        padding=1 if outputs == 64 else 0))
    samples += [
        Sample("gather-72", outputs=72, prefer="gather", channels=40, size=8, padding=1),
        Sample("gather-120", outputs=120, prefer="gather", channels=40, size=7, padding=1),
        Sample("gather-wide-source", outputs=32, prefer="gather", channels=70, size=6),
        Sample("gather-5", outputs=16, kernel=5, channels=6, size=14, prefer="gather"),
        *(Sample(f"gather-pooled-5-{outputs}-{weights}", outputs=outputs, kernel=5,
                 channels=channels, size=28, pool=2, weights=weights, prefer="gather",
                 threshold=3.0)
          for outputs, channels in ((8, 8), (16, 6)) for weights in ("int8", "int4")),
        Sample("gather-pooled-40", outputs=32, prefer="gather", channels=40, size=16, pool=2),
        Sample("gather-dense", outputs=64, dense=True, size=6, channels=32, prefer="gather"),
        Sample("gather-dense-120", outputs=120, dense=True, size=5, channels=16, prefer="gather"),
    ]
    return samples


def _scatters() -> list[Sample]:
    samples = []
    for weights in ("int8", "int4", "int16"):
        for membranes in ("auto", "int32"):
            if weights == "int16" and membranes == "auto":
                continue
            for pool, pool_stride in ((0, 0), (2, 2), (3, 2)):
                for outputs, stride in ((8, 1), (16, 1), (32, 2)):
                    size = 10 if not pool else 20
                    samples.append(Sample(
                        f"scatter-{weights}-{membranes}-{pool}-{outputs}-{stride}", size=size,
                        outputs=outputs, stride=stride, pool=pool, pool_stride=pool_stride,
                        weights=weights, membranes=membranes,
                        threshold=3.0))
    samples += [
        Sample("scatter-groups", outputs=24, groups=4, channels=12),
        Sample("scatter-depthwise", outputs=12, groups=12, channels=12),
        Sample("scatter-groups-32", outputs=64, groups=2, channels=12, padding=1),
        Sample("scatter-wide-source", outputs=24, channels=70, size=6),
        Sample("scatter-72", outputs=72, channels=40, size=8, padding=1),
        Sample("scatter-dense", outputs=40, dense=True, size=6, channels=32),
        Sample("scatter-dense-10", outputs=10, dense=True, size=5, channels=16),
        Sample("scatter-5", outputs=16, kernel=5, channels=6, size=14),
    ]
    return samples


def _pixels() -> list[Sample]:
    samples = []
    for prefer in ("scatter", "gray lines", "picture blocks"):
        for membranes in ("auto", "int32"):
            samples += [
                Sample(f"gray-{prefer}-{membranes}", channels=1, size=28, outputs=6, kernel=5,
                       mode="direct", membranes=membranes, prefer=prefer, threshold=1.0),
                Sample(f"gray-{prefer}-{membranes}-padded", channels=1, size=28, outputs=8,
                       kernel=3, padding=1, mode="direct", membranes=membranes, prefer=prefer),
                Sample(f"gray-{prefer}-{membranes}-wide", channels=1, size=20, outputs=16,
                       kernel=3, mode="direct", membranes=membranes, prefer=prefer,
                       thresholds=2 if prefer == "scatter" else 1),
            ]
            if prefer != "gray lines":
                samples += [
                    Sample(f"colour-{prefer}-{membranes}", channels=3, size=16, outputs=24,
                           mode="direct", membranes=membranes, prefer=prefer, padding=1),
                    Sample(f"colour-{prefer}-{membranes}-strided", channels=3, size=20, outputs=8,
                           kernel=5, stride=2, mode="direct", membranes=membranes, prefer=prefer),
                ]
    samples += [
        Sample(f"gray-tiles-{arena}-{prefer}", channels=1, size=28, outputs=6, kernel=5,
               mode="direct", prefer=prefer, arena=arena)
        for arena in (1600, 4000) for prefer in ("gray lines", "scatter")
    ]
    samples += [
        Sample(f"pooled-pixels-{kernel}", channels=1, size=28, outputs=outputs, kernel=kernel,
               pool=2, mode="direct", share=share)
        for kernel, outputs, share in ((3, 8, 0.7), (5, 16, 0.5))
    ]
    samples += [
        Sample(f"gray-strided-{weights}-{kernel}", channels=1, size=28, outputs=8, kernel=kernel,
               stride=2, mode="direct", weights=weights, share=share)
        for weights in ("int8", "int16") for kernel, share in ((6, 0.7), (3, 0.5))
    ]
    samples += [
        Sample(f"gray-narrow-{share}-{kernel}", channels=1, size=28, outputs=6, kernel=kernel,
               mode="direct", prefer="gray lines", share=share)
        for share in (0.15, 0.3, 0.5) for kernel in (3, 5)
    ]
    # Few weights that are small: their sums have 16 bits.
    samples += [
        Sample(f"gray-small-{kernel}-{share}-{arena}", channels=1, size=28, outputs=6,
               kernel=kernel, mode="direct", prefer="gray lines", weights="int4", share=share,
               arena=arena)
        for kernel, share, arena in ((3, 0.7, None), (5, 0.7, None), (5, 0.3, None), (5, 0.5, 1600))
    ]
    samples.append(Sample("colour-tiles", channels=3, size=24, outputs=16, mode="direct",
                          prefer="picture blocks", arena=9000, padding=1))
    return samples


def _neurons() -> list[Sample]:
    samples = []
    for membranes in ("auto", "int32"):
        for reset in ("soft", "hard"):
            for leak in (None, (230, 8)):
                samples.append(Sample(
                    f"kept-{membranes}-{reset}-{'leak' if leak else 'none'}",
                    timesteps=4, membranes=membranes,
                    reset=reset, leak=leak, threshold=4.0, outputs=24))
        samples += [
            Sample(f"current-{membranes}", channels=1, size=20, outputs=8, mode="direct",
                   timesteps=4, membranes=membranes, threshold=1.0, prefer="gray lines"),
            # What is done once a picture is told from what is done in each timestep.
            Sample(f"current-{membranes}-long", channels=1, size=20, outputs=8, mode="direct",
                   timesteps=16, membranes=membranes, threshold=1.0, prefer="gray lines"),
            Sample(f"current-{membranes}-24", channels=1, size=12, outputs=24, mode="direct",
                   timesteps=2, membranes=membranes, threshold=1.0, prefer="scatter"),
            Sample(f"levels-{membranes}", timesteps=4, thresholds=2, membranes=membranes,
                   threshold=1.0, mode="direct", before=True),
            Sample(f"levels-8-{membranes}", timesteps=4, thresholds=3, membranes=membranes,
                   threshold=1.0, outputs=8, mode="direct", before=True),
            Sample(f"levels-current-{membranes}", channels=1, size=20, outputs=8, mode="direct",
                   timesteps=4, thresholds=2, membranes=membranes, prefer="gray lines"),
            Sample(f"once-{membranes}", membranes=membranes, outputs=24, threshold=0.2,
                   arena=2600),
            Sample(f"once-levels-{membranes}", membranes=membranes, outputs=16, thresholds=3,
                   threshold=0.2, arena=2600, mode="direct", before=True),
            Sample(f"once-current-{membranes}", channels=1, size=28, outputs=8, mode="direct",
                   membranes=membranes, threshold=0.4, prefer="gray lines", arena=3000),
            Sample(f"once-pooled-{membranes}", membranes=membranes, outputs=16, maximum=2,
                   threshold=0.5),
        ]
        samples.append(Sample(f"spiking-pool-{membranes}", pool=2, size=20, pooling="spiking",
                              timesteps=2, membranes=membranes, outputs=8))
    samples += [
        Sample("max-pool", timesteps=4, maximum=2, outputs=16, threshold=3.0),
        Sample("max-pool-6", timesteps=4, maximum=2, outputs=6, size=20, threshold=5.0),
        Sample("max-pool-over", timesteps=4, maximum=3, maximum_stride=2, outputs=24, size=17,
               threshold=3.0),
        Sample("max-pool-3", timesteps=4, maximum=3, outputs=40, size=11, threshold=3.0),
        Sample("rate", mode="rate", timesteps=4, channels=3, size=16, outputs=8, threshold=1.0),
        Sample("counts", timesteps=4, outputs=16, readout="count", threshold=3.0),
        Sample("tiles", arena=1500, outputs=16, size=16, channels=6),
        Sample("tiles-gather", arena=7600, outputs=16, size=16, channels=6, prefer="gather"),
    ]
    return samples


def all_samples() -> list[Sample]:
    """Every network."""
    return [*_gathers(), *_scatters(), *_pixels(), *_neurons()]
