/// A set of synapses from one spike map (or the input) to one layer.
///
/// The source is seen through a sum pool: the value at a pooled site is the number of spikes in
/// its window. A pool of 1 × 1 and stride 1 is no pool.
package struct ConnectionRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `ConnectionKind`.
  package var kind: Int32 = 0
  /// 0 is the input, i the output of layer i − 1: of this timestep where that layer runs before this
  /// one, otherwise of the timestep before.
  package var source: Int32 = 0

  package var poolHeight: Int32 = 1
  package var poolWidth: Int32 = 1
  package var poolStrideHeight: Int32 = 1
  package var poolStrideWidth: Int32 = 1
  package var poolPaddingTop: Int32 = 0
  package var poolPaddingLeft: Int32 = 0
  /// Rows and columns after the pool.
  package var pooledHeight: Int32 = 0
  package var pooledWidth: Int32 = 0

  /// The window of a convolution; empty for other kinds.
  package var window = ConvolutionWindow()

  /// A `SynapseKernel`; 0 for the window of a max pool.
  package var kernel: Int32 = 0
  /// A `WeightOrder`; 0 for the window of a max pool.
  package var weightOrder: Int32 = 0
  /// 4, 8 or 16; for channelwise connections the membrane's width, 16 or 32.
  package var weightBits: Int32 = 0
  /// In the weights section.
  package var weightsOffset: Int32 = 0
  package var weightsBytes: Int32 = 0

  /// The rows of the source that a gather lists at a time; 0 for other kernels.
  package var listRows: Int32 = 0

  package var reserved: Int32 = 0

  package init() {}
}

/// The window of a convolution over pooled sites.
package struct ConvolutionWindow: BitwiseCopyable, Equatable, Sendable {
  package var height: Int32 = 0
  package var width: Int32 = 0
  package var strideHeight: Int32 = 0
  package var strideWidth: Int32 = 0
  package var paddingTop: Int32 = 0
  package var paddingLeft: Int32 = 0
  package var groups: Int32 = 0

  package init() {}
}

package enum ConnectionKind: Int32, Sendable {
  case convolution = 1
  case dense = 2
  /// One weight a channel, site to site: spiking average pools and identity branches.
  case channelwise = 3
  /// The window of a max pool; no weights.
  case maxPool = 4
  /// The potentials of a layer, neuron by neuron: what a synaptic current does to a membrane.
  case potentials = 5

  /// Whether this build has it: a board that needs no such models may leave it out.
  package var isBuilt: Bool {
    #if SPIKELET_WITHOUT_RECURRENCE
      return self != .potentials
    #else
      return true
    #endif
  }
}

/// The code that runs a connection. The compiler chooses it; all give the same bits.
package enum SynapseKernel: Int32, Sendable {
  /// Each spike adds its weights to the potentials that it reaches (`Convolution`).
  case scatter = 1
  /// Each site adds up the weights of the spikes in its window (`Gather`).
  case gather = 2
  /// Pixels of any number of channels, eight windows at a time (`PictureBlocks`).
  case pictureBlocks = 3
  /// Pixels of one channel, those that are not blank listed (`GrayLines`).
  case grayLines = 4

  /// The order in which it reads weights.
  package var weightOrder: WeightOrder {
    switch self {
    case .scatter: .byInput
    case .gather: .byOutput
    case .pictureBlocks: .pictureBlocks
    case .grayLines: .grayLines
    }
  }

  /// Whether this build has it: a board that needs no such models may leave all but scatter out.
  package var isBuilt: Bool {
    switch self {
    case .scatter: return true
    case .gather:
      #if SPIKELET_WITHOUT_GATHER
        return false
      #else
        return true
      #endif
    case .pictureBlocks:
      #if SPIKELET_WITHOUT_PICTURE_BLOCKS
        return false
      #else
        return true
      #endif
    case .grayLines:
      #if SPIKELET_WITHOUT_GRAY_LINES
        return false
      #else
        return true
      #endif
    }
  }
}
