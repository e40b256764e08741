"""What the accuracy of the bundled deployments must reach, whatever is recorded."""

from __future__ import annotations

from spikelet_tools.deployments import find

# The largest decline of a converted network against its float network, in points, for each number
# of timesteps: by network, or by data set.
DECLINE = {
    "mnist": {4: 0.5, 8: 0.25, 16: 0.15, 64: 0.1},
    "alexnet-cifar10": {4: 3.5, 8: 0.3, 16: 0.3},
    "alexnet-cifar10-sparse": {4: 3.0, 8: 0.3, 16: 0.3},
    "resnet8-cifar10": {16: 1.5, 32: 1.0},
    "resnet20-cifar10": {16: 2.5},
    "densenet22-cifar10": {16: 3.5},
}
# What takes too long to be measured unless --long asks for it.
LONG_DECLINE = {
    "alexnet-cifar10": {32: 0.1, 64: 0.1},
    "resnet8-cifar10": {64: 0.3},
    "resnet20-cifar10": {32: 1.0, 64: 0.3},
    "densenet22-cifar10": {32: 1.5, 64: 0.5},
}
# Of 10,000 pictures of MNIST, the fewest that a float network reads; and one of them converted.
FLOAT_MNIST = 9900
AT_FOUR_TIMESTEPS = {"lenet5-avg": 9890}
# The share of pictures on which 16 timesteps and the float simulation give the same class.
AGREEMENT = 0.998
CONVERTED_MODEL = {"mnist": 80_000, "cifar10": 8_000_000}
# A calibrated exit of a converted network: the largest decline, and the most mean timesteps.
EXIT_DECLINE = {"mnist": 0.1, "cifar10": 0.23}
EXIT_TIMESTEPS = {"lenet5-avg-exit": 2.5, "lenet5-avg-bn-exit": 4, "lenet5-max-exit": 4,
                  "lenet5-avg-poisson-exit": 10, "alexnet-cifar10-exit": 8}
# Networks of one timestep: the fewest right of 10,000, and bytes by kind of network.
SINGLE = {"lenet5-iir-mnist": 9900, "lenet5-iir-fashion": 8850, "vgg4-mnist": 9930,
          "vgg4-fashion": 9150, "alexnet-cifar10-t1": 8950}
# Networks that look twice: the fewest right of 10,000, and the most looks on average.
LOOKS = {"alexnet-cifar10-looks": (9050, 2.0)}
# AlexNet's smallest plan takes 24,576 bytes; it has more, because that is three times as fast.
SINGLE_ARENA = {"lenet5": 2048, "vgg4": 16384, "alexnet": 36864}
INT4_MODEL = {"lenet5": 36_000}
# Networks for events: the fewest right of 100 recordings of N-MNIST, and how many the engine and
# the float simulation may be apart, each with its exit.
EVENTS = {"nmnist-snn": 95, "nmnist-cnn": 88}
EVENT_DIFFERENCE = 0
# Two thresholds may cost this many pictures against one.
DUAL_LOSS = 40


def declines(name: str, long: bool) -> dict[int, float]:
    """The numbers of timesteps to measure a network at, each with its largest decline."""
    key = name if name in DECLINE else find(name).document["dataset"]
    return DECLINE[key] | (LONG_DECLINE.get(key, {}) if long else {})


def converted_failures(measured: dict) -> list[str]:
    """What the converted networks do not reach."""
    failures = []
    for name, result in measured.items():
        data = find(name).document["dataset"]
        if data == "mnist" and result["float"] < FLOAT_MNIST:
            failures.append(f"{name}: the float network reads {result['float']}, "
                            f"needed {FLOAT_MNIST:,}")
        for timesteps, figures in result["timesteps"].items():
            decline = result["float"] - figures["correct"]
            allowed = declines(name, long=True)[int(timesteps)]
            if decline / 100 > allowed:
                failures.append(f"{name} T={timesteps}: {decline / 100:.2f} points below its float "
                                f"network, allowed {allowed}")
        if result.get("floatAgreement", 1) < AGREEMENT:
            failures.append(f"{name} T=16: the same class as the float simulation on "
                            f"{result['floatAgreement']:.4f}, needed {AGREEMENT}")
        if result["modelBytes"] > CONVERTED_MODEL[data]:
            failures.append(f"{name}: model of {result['modelBytes']} bytes, allowed "
                            f"{CONVERTED_MODEL[data]}")
        if name in AT_FOUR_TIMESTEPS and (
                result["timesteps"]["4"]["correct"] < AT_FOUR_TIMESTEPS[name]):
            failures.append(f"{name} T=4: below {AT_FOUR_TIMESTEPS[name] / 100} %")
    return failures


def exit_failures(exits: dict) -> list[str]:
    """What the calibrated exits do not reach."""
    failures = []
    for name, result in exits.items():
        decline = (result["float"] - result["correct"]) / 100
        most = EXIT_DECLINE[find(name).document["dataset"]]
        if decline > most + 1e-9:
            failures.append(f"{name}: {decline:.2f} points below its float network, allowed {most}")
        allowed = EXIT_TIMESTEPS.get(name)
        if allowed is not None and result["meanTimesteps"] > allowed:
            failures.append(f"{name}: {result['meanTimesteps']:.2f} timesteps, allowed {allowed}")
    return failures


def look_failures(looks: dict) -> list[str]:
    """What the networks that look twice do not reach."""
    failures = []
    for name, result in looks.items():
        fewest, most = LOOKS.get(name, (0, 2))
        if result["correct"] < fewest:
            failures.append(f"{name}: {result['correct']} right, needed {fewest}")
        if result["meanTimesteps"] > most:
            failures.append(f"{name}: {result['meanTimesteps']:.2f} looks, allowed {most}")
    return failures


def event_failures(events: dict) -> list[str]:
    """What the networks for events do not reach: engine and simulation differ by half a point."""
    failures = []
    for name, result in events.items():
        # 100 recordings: half a point is none of them.
        apart = abs(result["correct"] - result["floatCorrect"])
        if apart > EVENT_DIFFERENCE:
            failures.append(f"{name}: {result['correct']} right, its simulation "
                            f"{result['floatCorrect']}, allowed {EVENT_DIFFERENCE} apart")
        if result["correct"] < EVENTS.get(name, 0):
            failures.append(f"{name}: {result['correct']} right, needed {EVENTS[name]}")
    return failures


def single_failures(single: dict) -> list[str]:
    """What the networks of one timestep do not reach."""
    failures = []
    for name, result in single.items():
        kind = name.split("-")[0]
        if result["correct"] < SINGLE.get(name, 0):
            failures.append(f"{name}: {result['correct']} right, needed {SINGLE[name]}")
        if result["arenaBytes"] > SINGLE_ARENA.get(kind, result["arenaBytes"]):
            failures.append(f"{name}: arena of {result['arenaBytes']} bytes, "
                            f"allowed {SINGLE_ARENA[kind]}")
        limit = INT4_MODEL.get(kind, result["modelBytes"])
        if "int4" in name and result["modelBytes"] > limit:
            failures.append(f"{name}: model of {result['modelBytes']} bytes, allowed {limit}")
    for data in ("mnist", "fashion"):
        loss = single[f"lenet5-iir-{data}"]["correct"] - single[f"lenet5-dt-{data}"]["correct"]
        if loss > DUAL_LOSS:
            failures.append(f"lenet5-dt-{data}: {loss} pictures below one threshold, "
                            f"allowed {DUAL_LOSS}")
    return failures
