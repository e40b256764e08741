import SpikeletNetwork
import SpikeletSupport

extension EventBinning {
  /// The largest extent of a sensor.
  static let maximumSide = 16_384

  /// Reads the object `input.events` of a configuration, or `events` of a model's provenance.
  ///
  /// What is wrong is added to the problems of the reader; nil where the sensor or the window is
  /// missing.
  package static func read(
    _ reader: ObjectReader, path: String, problems: ObjectReader.ProblemList
  ) -> EventBinning? {
    var sensor: [Int?] = []
    var crop: [Int?] = []
    let sides = 0...maximumSide
    reader.integersOrNull("sensor", in: 1...maximumSide, into: &sensor)
    reader.integersOrNull("crop", in: sides, into: &crop)
    var binning = EventBinning(sensorWidth: 1, sensorHeight: 1, window: .bins(1))
    reader.integer("downsample", in: 1...1024, into: &binning.downsample)
    reader.choice(
      "polarity", [("channels", true), ("ignored", false)], into: &binning.hasPolarities)
    reader.integer("levels", in: 1...16, into: &binning.levels)
    reader.choice("origin", [("first", false), ("zero", true)], into: &binning.beginsAtZero)
    let window = reader.object("window").flatMap { readWindow($0, path: path, problems: problems) }
    reader.finish()
    func report(_ key: String, _ reason: String) {
      problems.items.append(.init("\(path).\(key)", reason))
    }
    let extents = sensor.compactMap { $0 }
    let area = crop.compactMap { $0 }
    guard extents.count == 2, sensor.count == 2 else {
      report("sensor", "needed its columns and rows, such as [34, 34]")
      return nil
    }
    guard let window else {
      if !reader.keys.contains("window") { report("window", "is missing") }
      return nil
    }
    (binning.sensorWidth, binning.sensorHeight) = (extents[0], extents[1])
    binning.window = window
    if !crop.isEmpty {
      guard area.count == 4, crop.count == 4 else {
        report("crop", "needed left, top, width and height, such as [1, 1, 32, 32]")
        return nil
      }
      binning.crop = Area(left: area[0], top: area[1], width: area[2], height: area[3])
    }
    problems.items += binning.problems(path)
    return binning
  }

  private static func readWindow(
    _ reader: ObjectReader, path: String, problems: ObjectReader.ProblemList
  ) -> Window? {
    let (time, count, bins) = ("microseconds", "events", "bins")
    var values: [String: Int?] = [time: nil, count: nil, bins: nil]
    for (key, limit) in [(time, 1 << 30 - 1), (count, 1 << 30 - 1), (bins, 65_535)] {
      var value: Int?
      reader.optionalInteger(key, in: 1...limit, into: &value)
      values[key] = value
    }
    reader.finish()
    let given = values.compactMap { key, value in value.map { (key, $0) } }
    guard given.count == 1, let (key, value) = given.first else {
      problems.items.append(
        .init(
          "\(path).window", "needed one of microseconds, events and bins, with a number",
          advice: "such as {\"microseconds\": 20000}"))
      return nil
    }
    return key == time ? .microseconds(value) : key == count ? .events(value) : .bins(value)
  }

  /// What does not fit together.
  package func problems(_ path: String) -> [Problem] {
    var problems: [Problem] = []
    let area = area
    if area.width < 1 || area.height < 1 || area.left + area.width > sensorWidth
      || area.top + area.height > sensorHeight
    {
      problems.append(
        .init(
          "\(path).crop",
          "is \(area.width)×\(area.height) from (\(area.left), \(area.top)), which is no part of "
            + "the sensor of \(sensorWidth)×\(sensorHeight)"))
    } else if area.width % downsample != 0 || area.height % downsample != 0 {
      problems.append(
        .init(
          "\(path).downsample",
          "is \(downsample), which does not divide \(area.width)×\(area.height)",
          advice: "crop the sensor to a multiple of it"))
    }
    return problems
  }

  /// The object of a configuration that says the same.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "sensor": .array([.integer(sensorWidth), .integer(sensorHeight)]),
      "downsample": .integer(downsample),
      "polarity": .string(hasPolarities ? "channels" : "ignored"),
      "levels": .integer(levels),
      "origin": .string(beginsAtZero ? "zero" : "first"),
    ]
    if let crop {
      members["crop"] = .array([crop.left, crop.top, crop.width, crop.height].map { .integer($0) })
    }
    switch window {
    case .microseconds(let value): members["window"] = .object(["microseconds": .integer(value)])
    case .events(let value): members["window"] = .object(["events": .integer(value)])
    case .bins(let value): members["window"] = .object(["bins": .integer(value)])
    }
    return .object(members)
  }

  /// The binning in the provenance of a model; nil where it has none that can be read.
  package init?(provenance: String) {
    guard let document = try? JSONParser.parse(provenance), let events = document["events"] else {
      return nil
    }
    let problems = ObjectReader.ProblemList()
    let reader = ObjectReader(events, path: "events", problems: problems)
    guard let binning = Self.read(reader, path: "events", problems: problems),
      problems.items.isEmpty
    else { return nil }
    self = binning
  }

  /// Fails where frames of these are not what a network reads.
  package func problems(path: String, channels: Int, height: Int, width: Int) -> [Problem] {
    guard (self.channels, frameHeight, frameWidth) != (channels, height, width) else { return [] }
    return [
      .init(
        path,
        "gives frames of \(self.channels)×\(frameHeight)×\(frameWidth), the network reads "
          + "\(channels)×\(height)×\(width)",
        advice: "change crop, downsample, polarity or levels")
    ]
  }
}
