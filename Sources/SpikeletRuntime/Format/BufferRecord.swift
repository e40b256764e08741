/// One named range of the arena.
///
/// Buffers that are alive in every slot keep what they hold from one timestep to the next. They lie
/// first in the arena, one after the other; only the others can meet.
package struct BufferRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `BufferKind`.
  package var kind: Int32 = 0
  /// The layer it belongs to; none for the input's spikes.
  package var layer: Int32 = ModelFormat.none
  package var offset: Int32 = 0
  package var bytes: Int32 = 0
  /// The first and the last slot of a timestep in which it holds something: slot 0 encodes the
  /// input, slot i runs layer i − 1.
  package var firstUse: Int32 = 0
  package var lastUse: Int32 = 0

  package init() {}
}

package enum BufferKind: Int32, Sendable {
  case inputSpikes = 0
  case spikes = 1
  case membrane = 2
  case current = 3
  case counts = 4
  case scores = 5
  /// What the kernels of a layer need while it runs, for each worker.
  case scratch = 6
}
