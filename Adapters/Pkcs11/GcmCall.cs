using System.Runtime.InteropServices;
using AMA.Archive.Keys;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Net.Pkcs11Interop.LowLevelAPI80.MechanismParams;

namespace AMA.Adapters.Pkcs11;

/// <summary>CKM_AES_GCM and its parameters (CK_GCM_PARAMS of PKCS#11 v2.40) in memory that a module may write to.</summary>
internal sealed class GcmCall : IDisposable
{
    private CK_GCM_PARAMS _parameters;
    private CK_MECHANISM _mechanism;

    public GcmCall(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated)
    {
        _parameters = new()
        {
            Iv = Copy(nonce), IvLen = (ulong)nonce.Length, IvBits = 8 * (ulong)nonce.Length,
            AAD = Copy(associated), AADLen = (ulong)associated.Length, TagBits = 8 * KeyBlobFrame.TagBytes,
        };
        _mechanism = CkmUtils.CreateMechanism(CKM.CKM_AES_GCM, _parameters);
    }

    public ref CK_MECHANISM Mechanism => ref _mechanism;

    /// <summary>Read after the call: in FIPS mode a device chooses its nonce and writes it here.</summary>
    public byte[] Nonce()
    {
        var nonce = new byte[_parameters.IvLen];
        Marshal.Copy(_parameters.Iv, nonce, 0, nonce.Length);
        return nonce;
    }

    public void Dispose()
    {
        UnmanagedMemory.Free(ref _mechanism.Parameter);
        UnmanagedMemory.Free(ref _parameters.Iv);
        UnmanagedMemory.Free(ref _parameters.AAD);
    }

    private static IntPtr Copy(ReadOnlySpan<byte> bytes)
    {
        var memory = UnmanagedMemory.Allocate(bytes.Length);
        UnmanagedMemory.Write(memory, bytes.ToArray());
        return memory;
    }
}
