import Foundation
import SpikeletSupport

/// Which of the pictures of an unsplit set are for calibration, and which for judging.
///
/// The pixels alone decide: of their FNV-1a hash, mixed, the remainder by 5. So every machine
/// splits alike, whatever form the pictures are stored in and in whichever order; equal pictures
/// are always in the same part; and no picture changes its part when others are added.
package enum DataSplit {
  /// One of so many pictures is held back for calibration.
  package static let share: UInt64 = 5

  /// Whether a picture, in the order channel, row, column, is one for calibration.
  package static func isTraining(_ pixels: ArraySlice<UInt8>) -> Bool {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in pixels { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    // The low bits of FNV-1a depend on few bits of the last bytes; this spreads all of them.
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return (hash ^ (hash >> 31)) % share == 0
  }

  /// The part of a data set that is asked for.
  ///
  /// - Parameter known: the part that it is as a whole; nil to split it.
  /// Throws `unusable` where there is no such part, and what is wrong with a picture.
  static func part(
    of dataset: Dataset, known: Split?, _ split: Split, path: String
  ) throws(DatasetError) -> Dataset {
    if split == .all || known == split || known == .all { return dataset }
    if let known {
      throw DatasetError(
        .unusable(
          reason: "holds \(known.rawValue)ing pictures as its name says, needed "
            + "\(split.rawValue)ing pictures",
          remedy: "give the folder with both parts, or another name if the name is wrong"),
        file: path)
    }
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let parts = try parallelMap(count: dataset.count, jobs: jobs) {
      (range, _) throws(DatasetError) in
      var chosen: [Int32] = []
      for index in range
      where try isTraining(dataset.image(index)) == (split == .train) {
        chosen.append(Int32(index))
      }
      return chosen
    }
    let chosen = parts.flatMap { $0 }
    guard !chosen.isEmpty else {
      throw DatasetError(
        .unusable(
          reason: "none of its \(dataset.count) pictures is in the \(split.rawValue)ing part, "
            + "about one in \(share) being held back for calibration",
          remedy: "sort the pictures into folders train/ and test/, or add pictures"), file: path)
    }
    return dataset.choosing(chosen, split: split)
  }
}
