import Foundation

/// What a timestep, or a picture, gives the kernels of a connection to do: the counts that instructions
/// depend on beside the shape of the network.
///
/// None of them depends on a kernel or a tile, so they are measured once and hold for every plan.
public enum ActivityMeasure: String, Sendable, CaseIterable {
  /// Spikes of the source, or pixels that are not blank.
  case spikes
  /// Where the input is encoded as spikes: pixels that are not 0, once for each connection.
  case encoded
  /// Channels of sites, as the connection's sum pool shows them, that are not 0.
  case entries
  /// Of these, those that stand for more than one spike.
  case repeated
  /// Lines of outputs that entries reach, over all entries.
  case lines
  /// Sites of outputs that entries reach, over all entries.
  case reached
  /// Rows of a kernel, over all sites of outputs, below which there is an entry.
  case runs
  /// The same two for groups of four neighbouring sites, and for the sites left over.
  case groupReached, groupRuns, restReached, restRuns
  /// Of a gray picture: rows of it that are not blank, once for each line of outputs that they reach;
  /// the pixels from the first to the last that is not blank in them; those of them that are not blank.
  case grayRuns, grayPixels, grayAdds
  /// Of these the rows that reach beyond the outputs, their pixels, and the blocks added there.
  case grayEdgeRuns, grayEdgePixels, grayEdgeAdds
  /// Of a picture, in blocks of eight or four windows: blocks, lines of the kernel and columns of them
  /// that meet a pixel which is not blank.
  case blocks8, items8, columns8, blocks4, items4, columns4

  /// Whether a measure counts places where there is anything, so that it grows less than what fires.
  var saturates: Bool {
    switch self {
    case .runs, .groupRuns, .restRuns, .grayRuns, .grayEdgeRuns, .blocks8, .items8, .blocks4,
      .items4:
      true
    default: false
    }
  }
}

/// How much of each measure there is; fractions where they are means.
public struct Activity: Sendable, Equatable {
  /// What is not named is 0.
  public var values: [ActivityMeasure: Double]

  /// Makes one of counts.
  public init(_ values: [ActivityMeasure: Double] = [:]) { self.values = values }

  subscript(_ measure: ActivityMeasure) -> Double {
    get { values[measure] ?? 0 }
    set { values[measure] = newValue }
  }

  /// Adds another picture's or timestep's.
  public mutating func add(_ other: Activity) {
    values.merge(other.values) { $0 + $1 }
  }

  /// A part of it, for means.
  public func divided(by count: Double) -> Activity {
    Activity(values.mapValues { $0 / max(1, count) })
  }

  /// What it would be if so many times as much fired, independently of what fires now.
  ///
  /// - Parameter most: what it is if everything fires; nothing grows past it.
  func scaled(by factor: Double, most: Activity) -> Activity {
    var result = Activity()
    for (measure, value) in values {
      let limit = most[measure]
      guard limit > 0 else { continue }
      if measure.saturates {
        result[measure] = limit * (1 - pow(max(0, 1 - value / limit), factor))
      } else {
        result[measure] = min(limit, value * factor)
      }
    }
    return result
  }
}
