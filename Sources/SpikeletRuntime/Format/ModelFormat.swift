// The model file's records. docs/model-format.md describes every word; the compiler writes through
// these same structures. All fields are 32-bit little-endian words in declaration order, so a record
// has no padding and the same layout on every machine.

#if _endian(big)
  #error("the model format is little-endian and used in place")
#endif

/// The constants of the model file format.
package enum ModelFormat {
  /// "SPKL" as the first four bytes of the file.
  package static let magic: UInt32 = 0x4C4B_5053
  /// Files with another version are refused.
  package static let version: UInt32 = 4

  /// Every section starts at a multiple of this, and so do the weights of a connection.
  package static let sectionAlignment: Int32 = 64
  /// Every arena buffer starts at a multiple of this, and so does the arena itself.
  package static let bufferAlignment: Int32 = 16
  /// The word that stands for "no buffer" or "no offset".
  package static let none: Int32 = -1

  package static let maximumLayers: Int32 = 1024
  package static let maximumConnections: Int32 = 4096
  /// Of a layer: its spikes, potentials, current or counters, scores, and scratch.
  package static let maximumBuffers: Int32 = 4096
  /// The largest channel count, height or width.
  package static let maximumExtent: Int32 = 65535
  package static let maximumTimesteps: Int32 = 65535
  /// The most thresholds a potential.
  package static let maximumThresholds: Int32 = 8
  /// The most threads that a plan can have room for.
  package static let maximumWorkers: Int32 = 16
}
