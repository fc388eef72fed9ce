using System.Runtime.InteropServices;
using AMA.Adapters.Pkcs11;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80.MechanismParams;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Pkcs11;

public sealed class GcmCallTests
{
    private static readonly byte[] Given = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void NonceThatTheModuleChose_IsReadBack()
    {
        using var call = new GcmCall(Given, "head"u8);
        Assert.Equal(Given, call.Nonce());
        var parameters = new CK_GCM_PARAMS();
        parameters = (CK_GCM_PARAMS)UnmanagedMemory.Read(call.Mechanism.Parameter, parameters.GetType());
        Assert.Equal((12ul, 96ul, 4ul, 128ul), (parameters.IvLen, parameters.IvBits, parameters.AADLen, parameters.TagBits));
        byte[] chosen = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
        Marshal.Copy(chosen, 0, parameters.Iv, chosen.Length); // as a device in FIPS mode does
        Assert.Equal(chosen, call.Nonce());
    }
}
