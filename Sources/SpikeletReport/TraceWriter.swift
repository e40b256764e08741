import Foundation
import SpikeletEvaluation

/// Writes everything that a device computes, raw: for each picture, timestep and layer the
/// potentials (32-bit little-endian) and then the spikes (one byte each), in the order channel, row,
/// column. The digests of the golden vectors are digests of these bytes.
package enum TraceWriter {
  package static func trace(
    _ device: inout some DeviceUnderTest, pictures: [[UInt8]], timesteps: Int
  ) throws -> Data {
    var data = Data()
    for (index, picture) in pictures.enumerated() {
      device.begin(picture, image: UInt32(index))
      for _ in 0..<timesteps {
        for state in try device.step() {
          for u in state.potentials {
            withUnsafeBytes(of: u.littleEndian) { data.append(contentsOf: $0) }
          }
          data.append(contentsOf: state.spikes)
        }
      }
    }
    return data
  }
}
