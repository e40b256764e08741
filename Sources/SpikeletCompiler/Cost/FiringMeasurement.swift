import SpikeletSupport

/// How often the neurons of one network fire, counted on training pictures.
///
/// It is kept beside the configuration, so that a build needs no data set. `spikelet calibrate` writes
/// it. Nothing in it can change what a network computes: only which kernels run it.
public struct FiringMeasurement: Sendable, Equatable {
  /// The `IntegerNetwork.digest` of the network that was run.
  public var networkDigest: String
  /// The name of the data set whose pictures were run.
  public var dataset: String
  /// How many pictures were run.
  public var pictures: Int
  /// The timesteps of a picture until its exit.
  public var timesteps: Spread
  /// Each map of spikes, the input first; of a picture that is no map, its pixels that are not blank.
  public var maps: [Map]
  /// For each layer: blocks of eight channels of a site in which a neuron fires, in the mean timestep.
  public var firedBlocks: [Double]
  /// For each connection what it has to do in the mean timestep.
  public var connections: [Activity]

  /// Mean, 99.9th percentile and maximum.
  public struct Spread: Sendable, Equatable {
    /// The mean.
    public var mean: Double
    /// What one of a thousand exceeds.
    public var rare: Double
    /// The largest.
    public var maximum: Double

    /// Makes one of three numbers, the smallest first.
    public init(mean: Double, rare: Double, maximum: Double) {
      (self.mean, self.rare, self.maximum) = (mean, rare, maximum)
    }

    /// Of some counts; zeros of none.
    public init(_ counts: [Int]) {
      let sorted = counts.sorted()
      let sum = sorted.reduce(0, +)
      mean = Double(sum) / Double(max(1, sorted.count))
      let index = Int((0.999 * Double(sorted.count)).rounded(.up)) - 1
      rare = sorted.isEmpty ? 0 : Double(sorted[max(0, index)])
      maximum = Double(sorted.last ?? 0)
    }
  }

  /// The spikes of one map a picture and timestep.
  public struct Map: Sendable, Equatable {
    /// "input", or the layer's name.
    public var name: String
    /// The neurons, or the pixels of all channels.
    public var neurons: Int
    /// How many fire.
    public var spikes: Spread

    /// Makes one of its parts.
    public init(name: String, neurons: Int, spikes: Spread) {
      (self.name, self.neurons, self.spikes) = (name, neurons, spikes)
    }
  }

  /// Makes a measurement of all its parts.
  public init(
    networkDigest: String, dataset: String, pictures: Int, timesteps: Spread, maps: [Map],
    firedBlocks: [Double], connections: [Activity]
  ) {
    (self.networkDigest, self.dataset, self.pictures) = (networkDigest, dataset, pictures)
    (self.timesteps, self.maps) = (timesteps, maps)
    (self.firedBlocks, self.connections) = (firedBlocks, connections)
  }

  /// Whether it can be of a network of this shape.
  package func fits(_ shape: FiringShape) -> Bool {
    maps.count == shape.neurons.count && firedBlocks.count == shape.layers.count
      && connections.count == shape.connections.count
  }

  /// What fires in the mean timestep.
  var typical: Workload {
    Workload(connections: connections, firedBlocks: firedBlocks, timesteps: timesteps.mean)
  }

  /// What fires where every map has as many spikes as one of a thousand timesteps exceeds, at once.
  func rare(_ shape: FiringShape) -> Workload {
    let worst = shape.worst
    func factor(_ map: Int) -> Double {
      let spikes = maps[map].spikes
      return spikes.mean > 0 ? spikes.rare / spikes.mean : 1
    }
    return Workload(
      connections: connections.indices.map {
        connections[$0].scaled(by: factor(shape.sources[$0]), most: worst.connections[$0])
      },
      firedBlocks: firedBlocks.indices.map {
        Activity([.runs: firedBlocks[$0]]).scaled(
          by: factor($0 + 1), most: Activity([.runs: worst.firedBlocks[$0]]))[.runs]
      }, timesteps: timesteps.rare)
  }
}

extension FiringMeasurement {
  /// The file's contents.
  public var json: JSONValue {
    func spread(_ value: Spread) -> [String: JSONValue] {
      [
        "mean": .number(value.mean), "p999": .number(value.rare),
        "maximum": .number(value.maximum),
      ]
    }
    return .object([
      "format": .integer(1), "networkSHA256": .string(networkDigest),
      "dataset": .string(dataset), "pictures": .integer(pictures),
      "timesteps": .object(spread(timesteps)),
      "spikes": .array(
        maps.map {
          .object(
            spread($0.spikes).merging([
              "source": .string($0.name), "neurons": .integer($0.neurons),
            ]) { $1 })
        }),
      "firedBlocks": .array(firedBlocks.map { .number($0) }),
      "connections": .array(
        connections.map { activity in
          var members: [String: JSONValue] = [:]
          for (measure, value) in activity.values where value != 0 {
            members[measure.rawValue] = .number(value)
          }
          return .object(members)
        }),
    ])
  }

  /// Reads a file's contents.
  ///
  /// - Returns: nil where something is missing, of the wrong type, or cannot have been measured.
  public static func parse(_ json: JSONValue) -> FiringMeasurement? {
    func number(_ value: JSONValue?) -> Double? {
      if case .number(let number)? = value, number.isFinite, (0...1e15).contains(number) {
        number
      } else {
        nil
      }
    }
    func spread(_ value: JSONValue?) -> Spread? {
      guard let mean = number(value?["mean"]), let rare = number(value?["p999"]),
        let maximum = number(value?["maximum"]), mean <= maximum, rare <= maximum
      else { return nil }
      return Spread(mean: mean, rare: rare, maximum: maximum)
    }
    func numbers(_ value: JSONValue?) -> [Double]? {
      guard case .array(let items)? = value else { return nil }
      let numbers = items.compactMap { number($0) }
      return numbers.count == items.count ? numbers : nil
    }
    guard json["format"] == .integer(1), case .string(let digest)? = json["networkSHA256"],
      case .string(let dataset)? = json["dataset"],
      let pictures = number(json["pictures"]).flatMap(Int.init(exactly:)), pictures > 0,
      let timesteps = spread(json["timesteps"]), timesteps.mean >= 1,
      let fired = numbers(json["firedBlocks"]), case .array(let spikes)? = json["spikes"],
      case .array(let items)? = json["connections"]
    else { return nil }
    var maps: [Map] = []
    for item in spikes {
      guard case .string(let name)? = item["source"], let spread = spread(item),
        let neurons = number(item["neurons"]).flatMap(Int.init(exactly:))
      else { return nil }
      maps.append(Map(name: name, neurons: neurons, spikes: spread))
    }
    var connections: [Activity] = []
    for item in items {
      guard case .object(let members) = item else { return nil }
      var activity = Activity()
      for (name, member) in members {
        guard let measure = ActivityMeasure(rawValue: name), let value = number(member) else {
          return nil
        }
        activity.values[measure] = value
      }
      connections.append(activity)
    }
    return FiringMeasurement(
      networkDigest: digest, dataset: dataset, pictures: pictures, timesteps: timesteps,
      maps: maps, firedBlocks: fired, connections: connections)
  }
}
