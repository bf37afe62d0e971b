// Entry into generated code and its ways out, for x86-64 System V (docs/contract.md, sections 1
// and 2).
//
// Generated functions are entered with rsp at a multiple of 8, not always 8 below one of 16 as C's
// are. They preserve rbx, rbp, r12 and r15 only.

#if defined(__x86_64__)

// struct CallState (guest_call.h).
#define GPR(n) ((n) * 8)
#define EXIT_FP 48
#define BUILTINS 56
#define XMM(n) (64 + (n) * 16)
#define STACK_TOP 192
#define STACK_LIMIT 200
#define ACTIVATION 208
#define EXIT_PC 216
#define EXIT_SP 224
#define PENDING_TRAP 232

// struct Activation (guest_call.h).
#define OUTER 0
#define OUTER_EXIT_PC 8
#define OUTER_EXIT_SP 16
#define OUTER_EXIT_FP 24
#define OUTER_STATE 32
#define OUTER_MXCSR 40
#define ACTIVATION_SIZE 56

// struct Landing (guest_call.h).
#define LANDING_RBP 0
#define LANDING_RBX 8
#define LANDING_R12 16
#define LANDING_R14 24
#define LANDING_R15 32
#define LANDING_SP 40
#define LANDING_PC 48
#define LANDING_EXCEPTION 56
#define LANDING_TAG 64
#define LANDING_SIZE 72

// enum HostResult (guest_call.h).
#define HOST_THREW 2

// Rounding to nearest, all exceptions masked, no flushing of denormals; and the bits of MXCSR that
// say so.
#define GUEST_MXCSR 0x1f80
#define MXCSR_CONTROL 0xffc0

// From an activation up to the frame pointer of its entry: the record and five saved registers.
#define ENTRY_FRAME (ACTIVATION_SIZE + 40)

// struct HostFunc, struct DirectFunc (compiler/contract.h).
#define HOST_STORE 0
#define HOST_FUNCTION 8
// struct LightFunc.
#define HOST_LIGHT 32

.macro FUNCTION name
  .p2align 4
  .globl \name
  .hidden \name
  .type \name, @function
\name:
.endm

.macro END name
  .size \name, . - \name
.endm

// Argument registers to and from the state in \state; results likewise below.
.macro SAVE_ARGUMENTS state, floats
  movq %rdi, GPR(0)(\state)
  movq %rsi, GPR(1)(\state)
  movq %rdx, GPR(2)(\state)
  movq %rcx, GPR(3)(\state)
  movq %r8, GPR(4)(\state)
  movq %r9, GPR(5)(\state)
.if \floats
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movaps %xmm\n, XMM(\n)(\state)
  .endr
.endif
.endm

.macro LOAD_ARGUMENTS state, floats
.if \floats
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movaps XMM(\n)(\state), %xmm\n
  .endr
.endif
  movq GPR(0)(\state), %rdi
  movq GPR(1)(\state), %rsi
  movq GPR(2)(\state), %rdx
  movq GPR(3)(\state), %rcx
  movq GPR(4)(\state), %r8
  movq GPR(5)(\state), %r9
.endm

.macro SAVE_RESULTS state, floats
  movq %rax, GPR(0)(\state)
  movq %rdx, GPR(1)(\state)
  movq %rcx, GPR(2)(\state)
  movq %r8, GPR(3)(\state)
.if \floats
  .irp n, 0, 1, 2, 3
  movaps %xmm\n, XMM(\n)(\state)
  .endr
.endif
.endm

.macro LOAD_RESULTS state, floats
  movq GPR(0)(\state), %rax
  movq GPR(1)(\state), %rdx
  movq GPR(2)(\state), %rcx
  movq GPR(3)(\state), %r8
.if \floats
  .irp n, 0, 1, 2, 3
  movaps XMM(\n)(\state), %xmm\n
  .endr
.endif
.endm

// First thing of what generated code calls, with the state in rax: notes where it came from, and
// that there is stack enough for C++. Changes r10 alone.
.macro RECORD_EXIT
  movq (%rsp), %r10
  movq %r10, EXIT_PC(%rax)
  leaq 8(%rsp), %r10
  movq %r10, EXIT_SP(%rax)
  movq %rbp, EXIT_FP(%rax)
  cmpq STACK_LIMIT(%rax), %rsp
  jb tenon_stack_exhausted
.endm

// At the entry of what generated code calls: saves rbx and r12, and makes the stack fit for C, with
// r12 the way back.
.macro ALIGN_STACK
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_offset %rbx, -16
  pushq %r12
  .cfi_adjust_cfa_offset 8
  .cfi_offset %r12, -24
  movq %rsp, %r12
  .cfi_def_cfa_register %r12
  andq $-16, %rsp
.endm

.macro RESTORE_STACK
  movq %r12, %rsp
  .cfi_def_cfa_register %rsp
  popq %r12
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r12
  popq %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
.endm

// With rsp at the activation, rbp at the entry's frame and rbx the state: undoes an entry and
// returns eax.
.macro LEAVE_ENTRY
  movq OUTER(%rsp), %rcx
  movq %rcx, ACTIVATION(%rbx)
  testq %rcx, %rcx
  je 8f
  movq OUTER_EXIT_PC(%rsp), %rdx
  movq OUTER_EXIT_SP(%rsp), %r8
  movq OUTER_EXIT_FP(%rsp), %r9
  movq %rdx, EXIT_PC(%rbx)
  movq %r8, EXIT_SP(%rbx)
  movq %r9, EXIT_FP(%rbx)
8:
  movq tenon_current_call@gottpoff(%rip), %r10
  movq OUTER_STATE(%rsp), %rcx
  movq %rcx, %fs:(%r10)
  movl OUTER_MXCSR(%rsp), %ecx
  andl $MXCSR_CONTROL, %ecx
  cmpl $GUEST_MXCSR, %ecx
  je 9f
  ldmxcsr OUTER_MXCSR(%rsp)
9:
  addq $ACTIVATION_SIZE, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  .cfi_def_cfa %rsp, 8
  retq
.endm

// uint32_t name(CallState* rdi, const void* code rsi, void* vmctx rdx)
.macro ENTER name, floats
FUNCTION \name
  .cfi_startproc
  endbr64
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  pushq %rbx
  .cfi_offset %rbx, -24
  pushq %r12
  .cfi_offset %r12, -32
  pushq %r13
  .cfi_offset %r13, -40
  pushq %r14
  .cfi_offset %r14, -48
  pushq %r15
  .cfi_offset %r15, -56
  subq $ACTIVATION_SIZE, %rsp

  movq %rdi, %rbx
  movq ACTIVATION(%rbx), %rax
  movq %rax, OUTER(%rsp)
  testq %rax, %rax
  je 1f
  movq EXIT_PC(%rbx), %rcx
  movq EXIT_SP(%rbx), %r8
  movq EXIT_FP(%rbx), %r9
  movq %rcx, OUTER_EXIT_PC(%rsp)
  movq %r8, OUTER_EXIT_SP(%rsp)
  movq %r9, OUTER_EXIT_FP(%rsp)
  movq $0, EXIT_PC(%rbx)
1:
  movq tenon_current_call@gottpoff(%rip), %r10
  movq %fs:(%r10), %rcx
  movq %rcx, OUTER_STATE(%rsp)
  movq %rbx, %fs:(%r10)
  movq %rsp, ACTIVATION(%rbx)
  stmxcsr OUTER_MXCSR(%rsp)
  movl OUTER_MXCSR(%rsp), %ecx
  andl $MXCSR_CONTROL, %ecx
  cmpl $GUEST_MXCSR, %ecx
  je 2f
  ldmxcsr guest_mxcsr(%rip)
2:
  testq %rax, %rax
  jne 1f
  movq STACK_TOP(%rbx), %rsp
1:
  movq %rsi, %rax
  movq %rdx, %r13
  LOAD_ARGUMENTS %rbx, \floats
  callq *%rax
  SAVE_RESULTS %rbx, \floats
  xorl %eax, %eax
  leaq -ENTRY_FRAME(%rbp), %rsp
  LEAVE_ENTRY
  .cfi_endproc
END \name
.endm

// A generated function whose vmctx, in r13, is a HostFunc.
.macro HOST_CALL name, floats
FUNCTION \name
  .cfi_startproc
  endbr64
  movq HOST_STORE(%r13), %rax
  SAVE_ARGUMENTS %rax, \floats
  RECORD_EXIT
  ALIGN_STACK
  movq %rax, %rbx
  movq %r13, %rdi
  movq %rax, %rsi
  callq *HOST_FUNCTION(%r13)
  testl %eax, %eax
  jne 1f
  movq $0, EXIT_PC(%rbx)
  LOAD_RESULTS %rbx, \floats
  .cfi_remember_state
  RESTORE_STACK
  retq
1:
  .cfi_restore_state
  cmpl $HOST_THREW, %eax
  je 2f
  movq $0, EXIT_PC(%rbx)
  movq %rbx, %rdi
  jmp tenon_leave_guest
2:
  movq %rbx, %rax
  xorl %edx, %edx
  RESTORE_STACK
  jmp throw_exception
  .cfi_endproc
END \name
.endm

  .text

  ENTER tenon_enter_guest, 1
  ENTER tenon_enter_guest_integer, 0

// Leaves the innermost entry of the state in rdi, which returns 1. Jumped to from anywhere below
// that entry.
FUNCTION tenon_leave_guest
  .cfi_startproc
  .cfi_def_cfa %rbp, 16
  .cfi_offset %rbp, -16
  .cfi_offset %rbx, -24
  .cfi_offset %r12, -32
  .cfi_offset %r13, -40
  .cfi_offset %r14, -48
  .cfi_offset %r15, -56
  movq %rdi, %rbx
  movq ACTIVATION(%rbx), %rsp
  leaq ENTRY_FRAME(%rsp), %rbp
  movq $0, PENDING_TRAP(%rbx)
  movq $0, EXIT_PC(%rbx)
  movl $1, %eax
  LEAVE_ENTRY
  .cfi_endproc
END tenon_leave_guest

// Reached with exit_pc, exit_sp and exit_fp recorded when a call out of generated code finds too
// little stack: there may be no room for C++ here, so the signal handler takes it from its own.
FUNCTION tenon_stack_exhausted
  .byte 0x67, 0x0f, 0xb9, 0x40, 11  // ud1l 11(%eax), %eax: TrapCode::call_stack_exhausted
END tenon_stack_exhausted

// void tenon_throw_stub(void* vmctx rdi, uint32_t exception esi), which does not return.
FUNCTION tenon_throw_stub
  .cfi_startproc
  endbr64
  movq (%rdi), %rax
  RECORD_EXIT
  movl %esi, %edx
  jmp throw_exception
  .cfi_endproc
END tenon_throw_stub

// With the state in rax, an exception in edx, the exit recorded, and registers and stack as at the
// entry of what the guest called.
  .p2align 4
  .type throw_exception, @function
throw_exception:
  .cfi_startproc
  subq $(LANDING_SIZE + 8), %rsp
  .cfi_adjust_cfa_offset LANDING_SIZE + 8
  movq %rax, LANDING_SIZE(%rsp)
  movq %rbp, LANDING_RBP(%rsp)
  movq %rbx, LANDING_RBX(%rsp)
  movq %r12, LANDING_R12(%rsp)
  movq %r14, LANDING_R14(%rsp)
  movq %r15, LANDING_R15(%rsp)
  movq %rax, %rdi
  movq %rsp, %rsi
  movq %rsp, %rbx
  .cfi_def_cfa_register %rbx
  andq $-16, %rsp
  movq BUILTINS(%rax), %r10
  callq *(%r10)
  movq %rbx, %rsp
  .cfi_def_cfa_register %rsp
  movq LANDING_SIZE(%rsp), %rdi
  movq $0, EXIT_PC(%rdi)
  testb %al, %al
  je tenon_leave_guest
  movq LANDING_RBP(%rsp), %rbp
  movq LANDING_RBX(%rsp), %rbx
  movq LANDING_R12(%rsp), %r12
  movq LANDING_R14(%rsp), %r14
  movq LANDING_R15(%rsp), %r15
  movq LANDING_EXCEPTION(%rsp), %rax
  movq LANDING_TAG(%rsp), %rdx
  movq LANDING_PC(%rsp), %rcx
  movq LANDING_SP(%rsp), %rsp
  jmpq *%rcx
  .cfi_endproc
END throw_exception

  HOST_CALL tenon_host_call_entry, 1
  HOST_CALL tenon_host_call_entry_integer, 0

// The same for DirectFunc: all registers stay as they are.
FUNCTION tenon_direct_call_entry
  .cfi_startproc
  endbr64
  movq HOST_STORE(%r13), %rax
  RECORD_EXIT
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  andq $-16, %rsp
  pushq %rax
  pushq %r13
  callq *HOST_FUNCTION(%r13)
  movq 8(%rsp), %r10
  movq $0, EXIT_PC(%r10)
  cmpq $0, PENDING_TRAP(%r10)
  jne 1f
  .cfi_remember_state
  leave
  .cfi_def_cfa %rsp, 8
  .cfi_restore %rbp
  retq
1:
  .cfi_restore_state
  movq %r10, %rdi
  jmp tenon_leave_guest
  .cfi_endproc
END tenon_direct_call_entry

// The same for LightFunc, without a record of the exit: goes on at `light`, which finds its argument
// where C has it, preserves what generated code wants preserved, and returns to that.
FUNCTION tenon_light_call_entry
  .cfi_startproc
  endbr64
  movq HOST_STORE(%r13), %rax
  cmpq STACK_LIMIT(%rax), %rsp
  jb tenon_host_call_entry_integer
  movq %r13, %rsi
  jmpq *HOST_LIGHT(%r13)
  .cfi_endproc
END tenon_light_call_entry

// uint64_t tenon_decline_light_call(uint64_t argument rdi, void* self rsi), jumped to by `light`.
FUNCTION tenon_decline_light_call
  .cfi_startproc
  movq %rsi, %r13
  jmp tenon_host_call_entry_integer
  .cfi_endproc
END tenon_decline_light_call

// Built-in stubs, sixteen bytes each: C convention, vmctx in rdi, whose first word is the state.
FUNCTION tenon_builtin_stubs
  .set index, 0
  .rept 64
  .p2align 4
  endbr64
  movl $(index * 8), %r11d
  jmp call_builtin
  .set index, index + 1
  .endr
END tenon_builtin_stubs

  .p2align 4
  .type call_builtin, @function
call_builtin:
  .cfi_startproc
  movq (%rdi), %rax
  RECORD_EXIT
  ALIGN_STACK
  movq %rax, %rbx
  movq BUILTINS(%rax), %r10
  callq *(%r10, %r11)
  movq $0, EXIT_PC(%rbx)
  cmpq $0, PENDING_TRAP(%rbx)
  jne 1f
  .cfi_remember_state
  RESTORE_STACK
  retq
1:
  .cfi_restore_state
  movq %rbx, %rdi
  jmp tenon_leave_guest
  .cfi_endproc
END call_builtin

// With rsp at a SwitchFrame (fiber.cc) and the MXCSR in eax: loads what it has, but for the address
// to go on at, which is on top of the stack then.
.macro LOAD_SWITCH_FRAME
  xorl (%rsp), %eax
  testl $MXCSR_CONTROL, %eax
  je 1f
  ldmxcsr (%rsp)
1:
  addq $8, %rsp
  .cfi_def_cfa %rsp, 56
  popq %r15
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r15
  popq %r14
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r14
  popq %r13
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r13
  popq %r12
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r12
  popq %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  popq %rbp
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbp
.endm

// void name(void** from rdi, void* to rsi): pushes a SwitchFrame, notes where it is, and goes on at
// another.
.macro SWITCH_STACK name, jumps
FUNCTION \name
  .cfi_startproc
  endbr64
  pushq %rbp
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbp, 0
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  pushq %r12
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r12, 0
  pushq %r13
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r13, 0
  pushq %r14
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r14, 0
  pushq %r15
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r15, 0
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  stmxcsr (%rsp)
  movl (%rsp), %eax
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  LOAD_SWITCH_FRAME
.if \jumps
  popq %rcx
  .cfi_adjust_cfa_offset -8
  .cfi_register %rip, %rcx
  jmpq *%rcx
.else
  retq
.endif
  .cfi_endproc
END \name
.endm

  SWITCH_STACK tenon_switch_stack, 0
// For who will be returned to by a return. The processor expects one for each call: a jump leaves
// it with the right idea of where that goes.
  SWITCH_STACK tenon_call_stack, 1

// Where a fiber begins: calls the function in r12 with r13, then goes on at the SwitchFrame that rbx
// points to the address of.
FUNCTION tenon_fiber_entry
  .cfi_startproc
  .cfi_undefined %rip
  endbr64
  movq %r13, %rdi
  callq *%r12
  movq (%rbx), %rsp
  stmxcsr -8(%rsp)
  movl -8(%rsp), %eax
  LOAD_SWITCH_FRAME
  retq
  .cfi_endproc
END tenon_fiber_entry

  .section .rodata
  .p2align 2
guest_mxcsr:
  .long GUEST_MXCSR

  .section .tbss, "awT", @nobits
  .p2align 3
  .globl tenon_current_call
  .hidden tenon_current_call
  .type tenon_current_call, @object
  .size tenon_current_call, 8
tenon_current_call:
  .zero 8

#endif
  .section .note.GNU-stack, "", @progbits
