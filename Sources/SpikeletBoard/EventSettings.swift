#if SPIKELET_EVENTS
  import SpikeletRuntime

  /// How a recording becomes frames: what the model's provenance says, and what options say instead.
  struct EventSettings {
    var geometry = EventGeometry(sensorWidth: 0, sensorHeight: 0)
    var window: EventBinner.Window?
    var beginsAtZero = false

    /// The settings in a model's provenance, which is compact JSON; without any, all are missing.
    init(_ provenance: RawSpan) {
      guard let start = Self.find(provenance, "\"events\":{", from: 0) else { return }
      let text = provenance
      func numbers(_ key: StaticString) -> InlineArray<4, Int>? { Self.numbers(text, key, start) }
      if let sensor = numbers("\"sensor\":[") {
        (geometry.sensorWidth, geometry.sensorHeight) = (sensor[0], sensor[1])
        (geometry.width, geometry.height) = (sensor[0], sensor[1])
      }
      if let crop = numbers("\"crop\":[") {
        (geometry.left, geometry.top, geometry.width, geometry.height) = (
          crop[0], crop[1], crop[2], crop[3]
        )
      }
      if let factor = numbers("\"downsample\":") { geometry.downsample = factor[0] }
      if let levels = numbers("\"levels\":") { geometry.levels = levels[0] }
      if Self.find(provenance, "\"polarity\":\"ignored\"", from: start) != nil {
        geometry.polarities = 1
      }
      beginsAtZero = Self.find(provenance, "\"origin\":\"zero\"", from: start) != nil
      if let length = numbers("\"microseconds\":") {
        window = .time(UInt32(truncatingIfNeeded: length[0]))
      } else if let count = numbers("\"window\":{\"events\":") {
        window = .count(UInt32(truncatingIfNeeded: count[0]))
      }
    }

    /// The numbers after a text: one, or several with commas between them.
    private static func numbers(
      _ text: RawSpan, _ key: StaticString, _ start: Int
    ) -> InlineArray<4, Int>? {
      guard var position = find(text, key, from: start) else { return nil }
      var found = InlineArray<4, Int>(repeating: 0)
      var index = 0
      while position < text.byteCount, index < 4 {
        let byte = unsafe text.unsafeLoad(fromByteOffset: position, as: UInt8.self)
        position &+= 1
        if byte == 44 {
          index &+= 1
        } else if byte >= 48, byte <= 57, found[index] < 100_000_000 {
          found[index] = found[index] &* 10 &+ Int(byte &- 48)
        } else {
          break
        }
      }
      return found
    }

    /// Where a text behind `start` ends.
    private static func find(_ text: RawSpan, _ key: StaticString, from start: Int) -> Int? {
      let count = key.utf8CodeUnitCount
      var position = start
      while position &+ count <= text.byteCount {
        var length = 0
        while length < count {
          let byte = unsafe text.unsafeLoad(fromByteOffset: position &+ length, as: UInt8.self)
          guard unsafe key.utf8Start[length] == byte else { break }
          length &+= 1
        }
        if length == count { return position &+ count }
        position &+= 1
      }
      return nil
    }

    /// Takes what the command line says instead.
    mutating func change(_ options: EventArguments) {
      if let sensor = options.sensor {
        (geometry.sensorWidth, geometry.sensorHeight) = (sensor[0], sensor[1])
        if options.crop == nil {
          (geometry.left, geometry.top) = (0, 0)
          (geometry.width, geometry.height) = (sensor[0], sensor[1])
        }
      }
      if let crop = options.crop {
        (geometry.left, geometry.top, geometry.width, geometry.height) = (
          crop[0], crop[1], crop[2], crop[3]
        )
      }
      if let factor = options.downsample { geometry.downsample = factor }
      if let window = options.window { self.window = window }
    }
  }

  /// The options of `--events`.
  struct EventArguments {
    var file: FileName?
    var format: EventFormat?
    var window: EventBinner.Window?
    var sensor: InlineArray<4, Int>?
    var crop: InlineArray<4, Int>?
    var downsample: Int?
    var isContinuous = false

    /// Takes an option and its value; false where it is none of these.
    mutating func take(_ option: CText, value: CText?) throws(BoardError) -> Bool {
      if option == "--continuous" {
        isContinuous = true
        return false
      }
      guard let value else { throw BoardError.usage("needs a value", option) }
      if option == "--events" {
        file = FileName(value)
      } else if option == "--events-format" {
        guard let format = Self.format(value) else {
          throw BoardError.usage("needs nmnist, dat, evt2, evt21, evt21-legacy or evt3", option)
        }
        self.format = format
      } else if option == "--window" || option == "--window-events" {
        guard let number = value.number(upTo: 1 &<< 30 &- 1), number >= 1 else {
          throw BoardError.usage("needs a number of 1 or more", option)
        }
        window = option == "--window" ? .time(number) : .count(number)
      } else if option == "--downsample" {
        guard let number = value.number(upTo: 1024), number >= 1 else {
          throw BoardError.usage("needs a number from 1 to 1024", option)
        }
        downsample = Int(truncatingIfNeeded: number)
      } else {
        let isSensor = option == "--sensor"
        guard let numbers = Self.numbers(value, count: isSensor ? 2 : 4) else {
          throw BoardError.usage(
            isSensor ? "needs columns,rows" : "needs left,top,width,height", option)
        }
        if isSensor { sensor = numbers } else { crop = numbers }
      }
      return true
    }

    /// Whether an argument is one of these options.
    static func has(_ option: CText) -> Bool {
      option == "--events" || option == "--events-format" || option == "--window"
        || option == "--window-events" || option == "--sensor" || option == "--crop"
        || option == "--downsample" || option == "--continuous"
    }

    private static func format(_ text: CText) -> EventFormat? {
      if text == "nmnist" { return .nmnist }
      if text == "dat" { return .dat }
      if text == "evt2" { return .evt2 }
      if text == "evt21" { return .evt21 }
      if text == "evt21-legacy" { return .evt21Legacy }
      return text == "evt3" ? .evt3 : nil
    }

    /// Exactly so many numbers with commas between them.
    private static func numbers(_ text: CText, count: Int) -> InlineArray<4, Int>? {
      var found = InlineArray<4, Int>(repeating: 0)
      var index = 0
      var hasDigit = false
      for position in 0..<text.count {
        let byte = text.byte(position)
        if byte == 44, hasDigit, index < count &- 1 {
          index &+= 1
          hasDigit = false
        } else if byte >= 48, byte <= 57, found[index] < 100_000 {
          found[index] = found[index] &* 10 &+ Int(byte &- 48)
          hasDigit = true
        } else {
          return nil
        }
      }
      return index == count &- 1 && hasDigit ? found : nil
    }
  }
#endif
