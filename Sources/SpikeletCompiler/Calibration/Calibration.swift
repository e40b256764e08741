import SpikeletSupport

/// Activation statistics of a network over a training set: what λ is chosen from.
///
/// Gathered once and kept beside the float model, so that a build needs no data set and gives the
/// same bytes on every machine.
public struct Calibration: Sendable, Equatable {
  /// The percentiles that are stored; 100 is the maximum.
  public static let percentiles: [Double] = [90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100]

  /// The SHA-256 of the float model's file.
  public var networkDigest: String
  /// The name of the data set whose pictures were run.
  public var dataset: String
  /// The part of the data set, "train".
  public var split: String
  /// The number of pictures.
  public var images: Int
  /// By the name of the node whose values they are.
  public var nodes: [String: Node]
  /// What the pictures were, where they are of no data set that is known by its name.
  public var data: Data?

  /// A person's own pictures, so that a model can say what it was made with.
  public struct Data: Sendable, Equatable {
    /// What they were read from, in words.
    public var kind: String
    /// The SHA-256 of the pictures and their labels.
    public var digest: String
    /// The names of the network's classes, in its order; empty where they have none.
    public var classNames: [String]

    /// Makes the origin of a calibration.
    public init(kind: String, digest: String, classNames: [String]) {
      self.kind = kind
      self.digest = digest
      self.classNames = classNames
    }
  }

  /// The statistics of one node's values, one entry a channel.
  public struct Node: Sendable, Equatable {
    /// One entry a channel.
    public var channels: [Channel]
    /// The same over all channels together.
    public var layer: Channel

    /// Makes the statistics of a node.
    public init(channels: [Channel], layer: Channel) {
      self.channels = channels
      self.layer = layer
    }
  }

  /// Values at `Calibration.percentiles`.
  public struct Channel: Sendable, Equatable {
    /// The values at the percentiles; they never decrease.
    public var values: [Double]
    /// The mean of min(max(x, 0), value): divided by the value, the firing rate to expect.
    public var clippedMeans: [Double]

    /// Makes the statistics of a channel, one value a percentile each.
    public init(values: [Double], clippedMeans: [Double]) {
      self.values = values
      self.clippedMeans = clippedMeans
    }

    /// λ at a percentile, by linear interpolation between the stored ones, and the clipped mean.
    public func lambda(percentile: Double) -> (value: Double, clippedMean: Double) {
      let stored = Calibration.percentiles
      guard percentile > stored[0] else { return (values[0], clippedMeans[0]) }
      let upper = stored.firstIndex { $0 >= percentile } ?? stored.count - 1
      guard stored[upper] > percentile else { return (values[upper], clippedMeans[upper]) }
      let share = (percentile - stored[upper - 1]) / (stored[upper] - stored[upper - 1])
      return (
        values[upper - 1] + share * (values[upper] - values[upper - 1]),
        clippedMeans[upper - 1] + share * (clippedMeans[upper] - clippedMeans[upper - 1])
      )
    }
  }

  /// Makes a calibration of all its parts.
  public init(
    networkDigest: String, dataset: String, split: String, images: Int, nodes: [String: Node],
    data: Data? = nil
  ) {
    self.networkDigest = networkDigest
    self.dataset = dataset
    self.split = split
    self.images = images
    self.nodes = nodes
    self.data = data
  }
}

extension Calibration {
  /// The file's contents.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "format": .integer(1),
      "networkSHA256": .string(networkDigest),
      "dataset": .string(dataset),
      "split": .string(split),
      "images": .integer(images),
      "percentiles": .array(Self.percentiles.map { .number($0) }),
      "nodes": .object(
        nodes.mapValues { node in
          .object([
            "channels": .array(node.channels.map(\.json)),
            "layer": node.layer.json,
          ])
        }),
    ]
    members["data"] = data?.json
    return .object(members)
  }
}

extension Calibration.Data {
  fileprivate var json: JSONValue {
    .object([
      "kind": .string(kind),
      "sha256": .string(digest),
      "classNames": .array(classNames.map { .string($0) }),
    ])
  }
}

extension Calibration.Channel {
  fileprivate var json: JSONValue {
    .object([
      "values": .array(values.map { .number($0) }),
      "clippedMeans": .array(clippedMeans.map { .number($0) }),
    ])
  }
}
